//! A terminal for a command, with what it shows and what the user types.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

pub struct Terminal {
    master: File,
    /// The command's end.
    pub slave: File,
}

impl Terminal {
    pub fn new() -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        Self { master: File::from(master), slave }
    }

    /// The command's end, as its standard input, output or error.
    pub fn end(&self) -> Stdio {
        Stdio::from(OwnedFd::from(self.slave.try_clone().unwrap()))
    }

    /// The user's side. Reading from it ends once no command has the terminal open.
    pub fn person(self) -> Person {
        Person(self.master)
    }
}

pub struct Person(File);

impl Person {
    /// Everything that is shown from now on, up to `text`.
    pub fn sees(&mut self, text: &str) -> String {
        let mut shown = Vec::new();
        let mut some = [0; 256];
        while !String::from_utf8_lossy(&shown).contains(text) {
            // Reading fails once no process has the other end open.
            match self.0.read(&mut some) {
                Ok(count) if count > 0 => shown.extend_from_slice(&some[..count]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Everything that is shown until the command has ended.
    pub fn sees_all(&mut self) -> String {
        self.sees("\0")
    }

    pub fn types(&mut self, text: &str) {
        self.types_bytes(text.as_bytes());
    }

    pub fn types_bytes(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }
}
