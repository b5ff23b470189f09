import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";

/** What a call of git said. */
export interface GitAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What git is told beside its arguments, in which no secret stands: they show in the list of processes. */
export interface GitAccess {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly sshKey?: string | undefined;
  readonly knownHosts?: string | undefined;
}

/** A fetch of a shallow branch or a push that takes longer hangs. */
const LIMIT_MS = 120_000;
const MOST_OUTPUT = 200_000;

/**
 * A repository's hooks, filters and helpers would be programs of somebody else's that run here, so none is ever used; its
 * attributes must not change the bytes that we compare.
 */
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=false",
  "core.autocrlf=false",
  "core.attributesFile=/dev/null",
  "credential.helper=",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "gc.auto=0",
  "commit.gpgSign=false",
  "push.gpgSign=false",
].flatMap((setting) => ["-c", setting]);

const ASKPASS = `#!/bin/sh
case "$1" in
  Username*) printf '%s\\n' "$AIRFLEET_GIT_USERNAME" ;;
  *) printf '%s\\n' "$AIRFLEET_GIT_PASSWORD" ;;
esac
`;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const toEnvironment = async (access: GitAccess, home: string): Promise<NodeJS.ProcessEnv> => {
  const askpass = path.join(home, "askpass");
  await writeFile(askpass, ASKPASS, { mode: 0o700 });
  const ssh = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"];
  if (access.sshKey !== undefined) {
    const key = path.join(home, "key");
    await writeFile(key, access.sshKey.endsWith("\n") ? access.sshKey : `${access.sshKey}\n`, { mode: 0o600 });
    ssh.push("-o", "IdentitiesOnly=yes", "-i", quote(key));
  }
  if (access.knownHosts !== undefined) {
    const hosts = path.join(home, "known_hosts");
    await writeFile(hosts, `${access.knownHosts}\n`, { mode: 0o600 });
    ssh.push("-o", `UserKnownHostsFile=${quote(hosts)}`);
  }
  const { PATH, HOME, SSH_AUTH_SOCK, SSL_CERT_FILE, HTTPS_PROXY, HTTP_PROXY, NO_PROXY } = process.env;
  return {
    PATH,
    // Only ssh looks there, for hosts that the user knows; git's own settings are not read from it.
    HOME,
    SSH_AUTH_SOCK,
    SSL_CERT_FILE,
    HTTPS_PROXY,
    HTTP_PROXY,
    NO_PROXY,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: askpass,
    GIT_SSH_COMMAND: ssh.join(" "),
    AIRFLEET_GIT_USERNAME: access.username ?? "git",
    AIRFLEET_GIT_PASSWORD: access.password ?? "",
  };
};

const scrub = (text: string, access: GitAccess): string =>
  [access.password, access.sshKey].reduce<string>(
    (clean, secret) => (secret === undefined || secret === "" ? clean : clean.replaceAll(secret, "***")),
    text,
  );

/** Runs git in a folder. A code other than 0 is an answer. @throws DEPLOY_TARGET_REFUSED without git, DEPLOY_TARGET_UNREACHABLE when it hangs */
export const runGit = async (
  args: readonly string[],
  options: {
    readonly cwd: string;
    /** Where files that hold secrets lie for as long as git runs. */
    readonly keptIn: string;
    readonly access: GitAccess;
    readonly target: string;
    readonly signal: AbortSignal;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<GitAnswer> => {
  const { cwd, keptIn, access, target, signal, input = "", env = {} } = options;
  signal.throwIfAborted();
  const home = await mkdtemp(path.join(keptIn, "call-"));
  try {
    const environment = { ...(await toEnvironment(access, home)), ...env };
    return await new Promise<GitAnswer>((resolve, reject) => {
      const child = spawn("git", [...SETTINGS, ...args], {
        cwd,
        env: environment,
        stdio: ["pipe", "pipe", "pipe"],
        timeout: LIMIT_MS,
        killSignal: "SIGKILL",
        signal,
      });
      let out = "";
      let err = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (out.length < MOST_OUTPUT) out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        if (err.length < MOST_OUTPUT) err += text;
      });
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
      child.on("error", (error) => {
        if (signal.aborted) reject(error);
        else
          reject(
            new AirfleetError(
              "DEPLOY_TARGET_REFUSED",
              { target, reason: "git is not installed here" },
              { cause: error },
            ),
          );
      });
      child.on("close", (code, killed) => {
        if (code === null) {
          const reason =
            killed === "SIGKILL" ? `git ${args[0] ?? ""} took longer than ${LIMIT_MS / 1_000} s` : "git was ended";
          reject(new AirfleetError("DEPLOY_TARGET_UNREACHABLE", { target, reason }));
        } else resolve({ code, out, err: scrub(err, access) });
      });
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
