import type { Installable } from "../install/lock-file.ts";
import type { Generation } from "../state/instance-state.ts";

/** What differs between the generations in how they are installed and started. */
export interface AirflowProfile {
  readonly version: string;
  readonly lockFile: Installable;
  /** Processes in the order of starting: name and arguments of `airflow`. */
  readonly components: readonly { readonly name: string; readonly args: readonly string[] }[];
  /** Commands that fill an empty database, for a template that later starts copy. */
  readonly prepareDatabase: readonly (readonly string[])[];
}

/** The user that every engine has. */
export const ADMIN = "admin";

/**
 * Placeholder of the password in the template database of Airflow 2; each engine's copy gets a hash of its own password.
 * Nobody can sign in with it, because no engine runs on the template.
 */
const TEMPLATE_PASSWORD = "replaced-in-each-copy";

const createAdmin = ["users", "create", "--username", ADMIN, "--password", TEMPLATE_PASSWORD, "--role", "Admin"];

const component = (name: string) => ({ name, args: [name] });

export const PROFILES: Readonly<Record<Generation, AirflowProfile>> = {
  2: {
    version: "2.11.2",
    lockFile: "airflow2",
    components: [component("webserver"), component("scheduler")],
    prepareDatabase: [
      ["db", "migrate"],
      [...createAdmin, "--firstname", "Fleet", "--lastname", "Admin", "--email", "admin@example.org"],
      // Gives the role its permissions; the webserver would do it at each start.
      ["sync-perm"],
    ],
  },
  3: {
    version: "3.3.2",
    lockFile: "airflow3",
    components: [component("api-server"), component("scheduler"), component("dag-processor"), component("triggerer")],
    prepareDatabase: [["db", "migrate"]],
  },
};
