import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { withExclusiveLock } from "../cache/exclusive-lock.ts";
import type { CacheLayout } from "../cache/layout.ts";
import type { Environment } from "../install/install.ts";
import { withDatabase } from "../postgres/addresses.ts";
import { createDatabase, dropDatabase, listDatabases, renameDatabase } from "../postgres/databases.ts";
import { runCommand } from "../process/run-command.ts";
import type { Progress } from "../progress.ts";
import type { Generation } from "../state/instance-state.ts";
import { templateVariables, withInherited } from "./environment.ts";
import { PROFILES } from "./profile.ts";

/** All databases of this checkout begin so. */
export const databasePrefix = (layout: CacheLayout): string => `airfleet_${layout.fingerprint}_`;

/** Name of the template made by an installation with this lock hash and by our commands for filling it. */
export const templateName = (layout: CacheLayout, generation: Generation, lockHash: string): string => {
  const commands = JSON.stringify(PROFILES[generation].prepareDatabase);
  const origin = createHash("sha256").update(lockHash).update(commands).digest("hex").slice(0, 12);
  return `${databasePrefix(layout)}template_af${generation}_${origin}`;
};

interface EnsureTemplate {
  readonly layout: CacheLayout;
  readonly generation: Generation;
  readonly installed: Environment;
  readonly maintenanceUrl: string;
  readonly progress: Progress;
}

const fill = async ({ layout, generation, installed, maintenanceUrl }: EnsureTemplate, name: string): Promise<void> => {
  const home = path.join(layout.root, "template", `af${generation}`);
  await rm(home, { recursive: true, force: true });
  await mkdir(path.join(home, "dags"), { recursive: true });
  const databaseUrl = withDatabase(maintenanceUrl, name);
  const variables = templateVariables({ home, dagsFolder: path.join(home, "dags"), databaseUrl, token: "none" });
  for (const args of PROFILES[generation].prepareDatabase) {
    await runCommand({
      command: installed.executable("airflow"),
      args,
      environment: withInherited(variables),
      directory: home,
    });
  }
  await rm(home, { recursive: true, force: true });
};

/**
 * Makes, once per installation and server, a database with Airflow's tables and its admin. Each engine starts from a copy,
 * which takes a fraction of a second where the migration takes several.
 * It is built under another name and renamed at the end, so a name that exists is complete.
 */
export const ensureTemplateDatabase = async (request: EnsureTemplate): Promise<string> => {
  const { layout, generation, installed, maintenanceUrl, progress } = request;
  const name = templateName(layout, generation, installed.lockHash);
  const exists = async (): Promise<boolean> => (await listDatabases(maintenanceUrl, name)).includes(name);
  if (await exists()) return name;
  await withExclusiveLock(layout, `template-af${generation}`, async () => {
    if (await exists()) return;
    progress(`preparing a database for Airflow ${PROFILES[generation].version}`);
    const unfinished = `${name}_new`;
    await dropDatabase(maintenanceUrl, unfinished);
    await createDatabase(maintenanceUrl, unfinished);
    await fill(request, unfinished);
    await renameDatabase(maintenanceUrl, unfinished, name);
  });
  return name;
};

/** Copies the template. Copies are made one at a time: PostgreSQL refuses to copy a database that another session copies. */
export const copyTemplate = (
  layout: CacheLayout,
  maintenanceUrl: string,
  template: string,
  name: string,
): Promise<void> => withExclusiveLock(layout, "template-copy", () => createDatabase(maintenanceUrl, name, template));
