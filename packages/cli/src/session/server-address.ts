import { readFileSync } from "node:fs";
import { usageFailure } from "../failure/cli-failure.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = "3000";

/** Where the server is: the option, AIRFLEET_URL, PORT on this machine, port 3000 on this machine. */
export const chooseServerUrl = (option: string | undefined, env: Environment): URL => {
  const given = option ?? (env["AIRFLEET_URL"] === "" ? undefined : env["AIRFLEET_URL"]);
  const text = given ?? `http://127.0.0.1:${env["PORT"] || DEFAULT_PORT}`;
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw usageFailure(`"${text}" is no address of a server.`, "Give it as http://host:port or https://host.");
};

/** The token: AIRFLEET_TOKEN, or the text in the file that AIRFLEET_TOKEN_FILE names. Never an argument: `ps` shows those. */
export const readToken = (env: Environment): string | undefined => {
  const text = env["AIRFLEET_TOKEN"];
  if (text !== undefined && text !== "") return text.trim();
  const file = env["AIRFLEET_TOKEN_FILE"];
  if (file === undefined || file === "") return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageFailure(`AIRFLEET_TOKEN_FILE cannot be read: ${reason}`);
  }
};
