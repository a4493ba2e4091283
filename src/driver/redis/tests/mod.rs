//! Definitions and their plans; replies; and logins to servers that follow a script.

mod definition;
mod definitions;
mod logins;
mod replies;

use self::definition::connection;
