//! SQL Server: tests of how results show a route.

use super::speech::{ENCRYPT_NOT_SUP, OWN, done, login_ack, packet, prelogin, routing};
use crate::peer::{Step, say};
use crate::second_look::peer;
use crate::words_from_outside::assert_hidden;

#[test]
fn the_server_of_a_route() {
    let routed = |name: &str| {
        let host = format!("{name}.database.windows.net");
        let route = packet(1, &[login_ack(), routing(&host, 1433), done(0)].concat());
        let script = vec![Step::Hear, say(prelogin(ENCRYPT_NOT_SUP)), Step::Hear, say(route), Step::Hold];
        let server = peer(&OWN, script);
        (OWN.definition("127.0.0.1", server.port, None), server)
    };
    let ((harmless, _one), (telling, _other)) = (routed("harmless"), routed("x-cAnArY-hunter2"));
    assert_hidden("a route", &harmless, &telling);
}
