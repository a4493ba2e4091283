//! Tests the rules against their specification: the contract's examples, a second model, the file.

mod bench;
mod early;
mod examples;
mod files;
mod lockout;
mod mixed;
mod model;
mod no_difference;
mod together;

use self::bench::{Bench, Came, DAY, HOUR, MINUTE, runtime, start};
use super::testing::{account, end, login, login_in};
use super::*;
