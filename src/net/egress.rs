//! Addresses that credentials must not be sent to, judged on the address that is connected to.
