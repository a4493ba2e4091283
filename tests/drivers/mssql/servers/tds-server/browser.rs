//! SQL Browser (MC-SQLR): returns the port of an instance.

use tokio::net::UdpSocket;

/// A request for one instance.
const ASKED_FOR_ONE: u8 = 4;
/// The response.
const ANSWER: u8 = 5;

/// Answers requests for `instance`, which listens on `port`. Ignores requests for any other instance, as SQL Browser
/// does.
pub async fn serve(socket: UdpSocket, instance: String, port: u16) {
    let mut buffer = [0; 64];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        let [ASKED_FOR_ONE, name @ ..] = &buffer[..length] else { continue };
        let name = String::from_utf8_lossy(name);
        if !name.trim_end_matches('\0').eq_ignore_ascii_case(&instance) {
            continue;
        }
        let text =
            format!("ServerName;TDSTEST;InstanceName;{instance};IsClustered;No;Version;16.0.1000.6;tcp;{port};;");
        let mut answer = vec![ANSWER];
        answer.extend(u16::try_from(text.len()).expect("the answer is short").to_le_bytes());
        answer.extend(text.bytes());
        if let Err(error) = socket.send_to(&answer, client).await {
            eprintln!("SQL Browser: {error}");
        }
    }
}
