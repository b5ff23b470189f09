#!/usr/bin/env -S node --max-semi-space-size=4
import { enableCompileCache } from "node:module";
import { readVersion } from "./program/version.ts";

/** Prints what cannot fail and needs nothing loaded. */
const answerAtOnce = (args: readonly string[]): boolean => {
  if (args.length !== 1 || args[0] !== "--version") return false;
  process.stdout.write(`${readVersion()}\n`);
  return true;
};

const closeQuietly = (error: NodeJS.ErrnoException): void => {
  // The reader left, as `head` does: that is its right, and no failure of ours.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
};

process.stdout.on("error", closeQuietly);
process.stderr.on("error", closeQuietly);
if (!answerAtOnce(process.argv.slice(2))) {
  enableCompileCache();
  const { runCommand } = await import("./program/run-command.ts");
  await runCommand(process.argv.slice(2));
}
