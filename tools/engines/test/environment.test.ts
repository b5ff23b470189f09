import { afterEach, describe, expect, it, vi } from "vitest";
import { findDagFiles, FIXTURE_DAGS } from "../src/airflow/dags-folder.ts";
import {
  type AirflowEnvironment,
  airflowVariables,
  componentVariables,
  withInherited,
} from "../src/airflow/environment.ts";
import { hashPassword } from "../src/airflow/password.ts";
import { toPrintable, toSqlAlchemy, withDatabase } from "../src/postgres/addresses.ts";
import { ensurePostgres } from "../src/postgres/ensure-postgres.ts";

const input = (generation: 2 | 3, defaultIntervals = false): AirflowEnvironment => ({
  generation,
  defaultIntervals,
  home: "/run/home",
  dagsFolder: "/run/dags",
  databaseUrl: "postgresql://root@127.0.0.1:5432/one",
  token: "token",
  ports: { api: 20_001, workerLogs: 20_002, triggererLogs: 20_003 },
  passwordsFile: "/run/passwords.json",
});

const INTERVALS = /INTERVAL$/;

afterEach(() => vi.unstubAllEnvs());

describe("the environment of an engine", () => {
  it("has short scan intervals, or none of ours when the shipped ones are wanted", () => {
    for (const generation of [2, 3] as const) {
      const short = Object.keys(airflowVariables(input(generation))).filter((name) => INTERVALS.test(name));
      const shipped = Object.keys(airflowVariables(input(generation, true))).filter((name) => INTERVALS.test(name));
      expect([short.length > 2, shipped]).toEqual([true, []]);
    }
  });

  it("has secrets of its own", () => {
    const [one, two] = [airflowVariables(input(3)), airflowVariables(input(3))];
    for (const name of ["AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__CORE__FERNET_KEY"]) {
      expect(one[name]).not.toBe(two[name]);
    }
  });

  it("has what its starter gives it last, and the packages that its processes are to import besides", () => {
    const plain = airflowVariables(input(2));
    const extended = airflowVariables({
      ...input(2),
      extra: { AIRFLOW__CORE__PARALLELISM: "1", AIRFLEET_URL: "http://127.0.0.1:1" },
      pythonPath: ["/wheels/a/site", "/wheels/b/site"],
    });
    expect([plain["AIRFLOW__CORE__PARALLELISM"], plain["PYTHONPATH"]]).toEqual(["4", undefined]);
    expect(extended).toMatchObject({
      AIRFLOW__CORE__PARALLELISM: "1",
      AIRFLEET_URL: "http://127.0.0.1:1",
      PYTHONPATH: "/wheels/a/site:/wheels/b/site",
    });
  });

  it("leaves the forks of Airflow 2's scheduler no connection of its own to close", () => {
    expect(componentVariables(2, "scheduler")).toEqual({ AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED: "false" });
    expect([componentVariables(2, "webserver"), componentVariables(3, "scheduler")]).toEqual([{}, {}]);
  });

  it("keeps out the settings of another Airflow on this machine", () => {
    vi.stubEnv("AIRFLOW__CORE__DAGS_FOLDER", "/elsewhere");
    vi.stubEnv("AIRFLOW_HOME", "/elsewhere");
    vi.stubEnv("PYTHONPATH", "/elsewhere");
    vi.stubEnv("AIRFLEET_REPORT_KEY", "of somebody else");
    vi.stubEnv("SSL_CERT_FILE", "/certificates");
    const environment = withInherited({ AIRFLOW_HOME: "/ours" });
    expect(environment).toMatchObject({ AIRFLOW_HOME: "/ours", SSL_CERT_FILE: "/certificates" });
    expect(environment).not.toHaveProperty("AIRFLOW__CORE__DAGS_FOLDER");
    expect(environment).not.toHaveProperty("PYTHONPATH");
    expect(environment).not.toHaveProperty("AIRFLEET_REPORT_KEY");
  });
});

it("hashes a password as Werkzeug does", () => {
  // Made with werkzeug 3.1.8's generate_password_hash and this salt.
  expect(hashPassword("Grüße 1", "abcdefgh12345678")).toBe(
    "scrypt:32768:8:1$abcdefgh12345678$32c6c52dabe503f14952f107ad71dbf373fa860352cb67ed96f97f18c5f302e801a574132a6f5237d4cb2e60f7989aacaa7328a0fed9511a40c8c50ffb770604",
  );
});

it("waits for every fixture file, also the broken one", async () => {
  expect(await findDagFiles(FIXTURE_DAGS)).toEqual([
    "af_basics.py",
    "af_broken.py",
    "af_lifecycle.py",
    "af_logs.py",
    "af_many.py",
    "af_removable.py",
  ]);
});

describe("database addresses", () => {
  it("change the database and keep the rest", () => {
    expect(withDatabase("postgres://u:p%40@h:5433/a?sslmode=require", "b")).toBe(
      "postgres://u:p%40@h:5433/b?sslmode=require",
    );
    expect(toSqlAlchemy("postgres://u@h/a")).toBe("postgresql+psycopg2://u@h/a");
    expect(toPrintable("postgresql://user:secret@h/a")).toBe("h:5432/a");
  });

  it("from DATABASE_URL are never replaced silently, and their password is not told", async () => {
    const error = await ensurePostgres({ databaseUrl: "postgresql://user:secret@127.0.0.1:1/x" }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(String(error)).toContain("127.0.0.1:1/x");
    expect(String(error)).not.toContain("secret");
  });
});
