//! Answers the crate's monitor in the place of the server.
//!
//! The crate watches a server on a connection of its own before it logs in on another. What that
//! first one could tell, we know already: the server is connected and its channel is up. So it ends
//! here, and the server sees one connection: the login's.

use mongodb::bson::doc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::framing;

/// Plenty for either side of a greeting.
const BUFFER: usize = 4096;

/// The near end of a connection to a server that is always well. It lives until that end is dropped.
pub(super) fn connect() -> DuplexStream {
    let (near, far) = tokio::io::duplex(BUFFER);
    // It ends in an error when the crate hangs up, which is how it is meant to end.
    tokio::spawn(async move { answer(far).await.ok() });
    near
}

async fn answer(mut crate_side: DuplexStream) -> std::io::Result<()> {
    let well = doc! {
        "helloOk": true, "ismaster": true, "minWireVersion": 0, "maxWireVersion": 25,
        "maxBsonObjectSize": 1 << 20, "maxMessageSizeBytes": 1 << 20, "maxWriteBatchSize": 1, "ok": 1,
    };
    let well = well.to_vec().map_err(std::io::Error::other)?;
    loop {
        let length = crate_side.read_u32_le().await?;
        let request = crate_side.read_i32_le().await?;
        let rest = u64::from(length.saturating_sub(8));
        tokio::io::copy(&mut (&mut crate_side).take(rest), &mut tokio::io::sink()).await?;
        crate_side.write_all(&framing::message(request, &well)).await?;
    }
}
