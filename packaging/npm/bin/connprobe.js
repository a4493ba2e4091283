#!/usr/bin/env node
// Runs the binary of this platform's package, and ends as it ends. Standard input and output are the binary's own.
"use strict";

const { spawn } = require("node:child_process");
const { closeSync, openSync } = require("node:fs");
const { constants } = require("node:os");

const platform = `${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`@connprobe/${platform}/bin/connprobe`);
} catch {
  const built = Object.keys(require("../package.json").optionalDependencies).map((name) => name.split("/")[1]);
  console.error(`error: no binary for \`${platform}\` is installed`);
  console.error(
    built.includes(platform)
      ? "hint: install without `--omit=optional`, and not with a node_modules of another platform"
      : `hint: there are binaries for ${built.join(", ")}; for others, \`cargo install connprobe\``,
  );
  process.exit(4);
}

// Whether this process has a terminal, wherever its standard input comes from.
function hasTerminal() {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
const isOnTerminal = hasTerminal();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]) {
  process.on(signal, () => {
    // A terminal has sent these to the binary too, and a second one would end it without its report.
    const fromTerminal = (signal === "SIGINT" || signal === "SIGQUIT") && isOnTerminal;
    if (!fromTerminal) child.kill(signal);
  });
}
child.on("error", (error) => {
  console.error(`error: \`${binary}\` cannot be run: ${error.message}`);
  process.exitCode = 4;
});
child.on("exit", (status, signal) => {
  if (signal === null) process.exit(status);
  // Die of the same signal, as if the binary had been run itself.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The signal may be one that this process survives.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
});
