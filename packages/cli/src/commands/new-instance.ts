import type { CallInput } from "@airfleet/sdk";
import { readFileSync } from "node:fs";
import { usageFailure } from "../failure/cli-failure.ts";

/** Options of `instances add`. */
export interface NewInstanceOptions {
  readonly url: string;
  readonly auth: "basic" | "login" | "bearer" | "none";
  readonly username?: string;
  readonly passwordFile?: string;
  readonly name?: string;
  readonly description?: string;
  readonly tier?: "production" | "staging" | "development";
  readonly label?: readonly string[];
  readonly disabled?: boolean;
}

type NewInstance = CallInput<"createInstance">["body"];

const STDIN = 0;

/** The secret comes from a file, stdin or the environment, never from an argument: `ps` and the shell's history show those. */
const readSecret = (file: string | undefined): string => {
  if (file === undefined) {
    const text = process.env["AIRFLEET_INSTANCE_PASSWORD"];
    if (text !== undefined && text !== "") return text;
    throw usageFailure("The password is missing.", "Give --password-file FILE, or set AIRFLEET_INSTANCE_PASSWORD.");
  }
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw usageFailure(`The password file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const toAuth = (options: NewInstanceOptions): NewInstance["auth"] => {
  const { auth: type, username } = options;
  if (type === "none") return { type };
  if (type === "bearer") return { type, token: readSecret(options.passwordFile) };
  if (username === undefined)
    throw usageFailure("--username is missing.", "Or say how to sign in with --auth bearer or --auth none.");
  return { type, username, password: readSecret(options.passwordFile) };
};

const toLabels = (labels: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    labels.map((label) => {
      const at = label.indexOf("=");
      if (at < 1) throw usageFailure(`"${label}" is no label.`, "Write labels as name=value.");
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );

/** What is sent to make an instance. */
export const toNewInstance = async (id: string, options: NewInstanceOptions): Promise<NewInstance> => ({
  id,
  url: options.url,
  auth: toAuth(options),
  ...(options.name !== undefined && { name: options.name }),
  ...(options.description !== undefined && { description: options.description }),
  ...(options.tier !== undefined && { tier: options.tier }),
  ...(options.label !== undefined && { labels: toLabels(options.label) }),
  ...(options.disabled === true && { enabled: false }),
});
