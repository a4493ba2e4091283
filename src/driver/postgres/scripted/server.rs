//! A server that follows a script.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::speech::Line;

/// Follows the script over one stream, then closes it; returns all that it was sent.
pub(super) async fn play<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, script: Vec<Line>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut sent = vec![0; 4096];
    for line in script {
        let Ok(length @ 1..) = stream.read(&mut sent).await else { return all };
        all.extend_from_slice(&sent[..length]);
        if stream.write_all(&line(&sent[..length])).await.is_err() {
            return all;
        }
    }
    // A client in the middle of its login waits for more; it sees a server that closes the connection.
    let _ended = stream.shutdown().await;
    let _rest = stream.read_to_end(&mut all).await;
    all
}

/// A server that follows the script once.
pub(super) async fn server(script: Vec<Line>) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        play(stream, script).await
    });
    (port, playing)
}
