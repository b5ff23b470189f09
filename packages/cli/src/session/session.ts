import type { Client } from "@airfleet/sdk";
import { createClient } from "@airfleet/sdk";
import { createOutput, type Output } from "../output/output.ts";
import type { GlobalOptions } from "./global-options.ts";
import { chooseServerUrl, readToken } from "./server-address.ts";

/** What a command works with while it runs. */
export interface Session {
  readonly client: Client;
  readonly output: Output;
  /** Whether somebody is there who can be asked. */
  readonly canAsk: boolean;
  readonly options: GlobalOptions;
  /** Whether the server's address was given, and so no other one may be meant. */
  readonly isServerGiven: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Colours when stdout is a terminal, and as NO_COLOR, FORCE_COLOR, CLICOLOR and TERM=dumb say. */
export const wantsColour = (isTerminal: boolean, option: boolean, env: Environment): boolean => {
  if (!option || (env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb" && env["CLICOLOR"] !== "0";
};

/** Reads the options and the environment; no request is sent yet. */
export const openSession = (options: GlobalOptions): Session => {
  const { env, stdout, stderr, stdin } = process;
  const output = createOutput({
    format: options.json === true ? "json" : (options.output ?? "table"),
    isQuiet: options.quiet === true,
    hasColour: wantsColour(stdout.isTTY, options.color, env),
    stdout,
    stderr,
  });
  let client: Client | undefined;
  const connect = (): Client =>
    createClient({
      baseUrl: chooseServerUrl(options.server, env),
      token: readToken(env),
      ...(options.verbose === true && {
        onExchange: ({ method, url, status, durationMs }) =>
          output.warn(`${method} ${url} ${status ?? "no answer"} ${Math.round(durationMs)} ms`),
      }),
    });
  return {
    // Not before it is used: a command that needs no server must not fail at the address of one.
    get client() {
      client ??= connect();
      return client;
    },
    output,
    canAsk: options.input && stdin.isTTY && stderr.isTTY,
    options,
    isServerGiven: options.server !== undefined || (env["AIRFLEET_URL"] ?? "") !== "",
  };
};
