import type { Command } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { openSession, type Session } from "./session.ts";

/** What a command's handler is given. */
export interface Call<Options> {
  readonly session: Session;
  readonly options: Options;
  /** The arguments in order; absent optional ones are missing at the end. */
  readonly args: readonly string[];
}

/** Answers the exit code; nothing means that all went well. */
export type Handler<Options> = (call: Call<Options>) => Promise<number | undefined | void>;

/**
 * Binds a handler to a command. Ctrl-C and SIGTERM end the process at once with the code that shells expect: whatever was
 * asked of the server is recorded there and goes on.
 */
export const act = <Options = object>(handler: Handler<Options>) =>
  async function (this: Command): Promise<void> {
    process.once("SIGINT", () => process.exit(EXIT.interrupted));
    process.once("SIGTERM", () => process.exit(EXIT.terminated));
    const session = openSession(this.optsWithGlobals<GlobalOptions>());
    const code = await handler({ session, options: this.opts() as Options, args: this.args });
    if (typeof code === "number") process.exitCode = code;
  };
