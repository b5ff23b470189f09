import { describe, expect, test } from "vitest";
import { describeSetup, type SenderTerms } from "../src/report-keys/airflow-setup.ts";

const terms: SenderTerms = {
  instance: "eu-1",
  server: new URL("https://airfleet.example.org/fleet/"),
  format: "native",
  algorithm: "ES256",
  keyId: "2026-11-21-a1b2",
  keyFile: "/home/o'neil/report key.pem",
};

/** What is said of the connection for a server at this address. */
const connectionOf = (server: string) =>
  /connections add process_report (.*) \\/.exec(describeSetup("variables", { ...terms, server: new URL(server) }))?.[1];

describe("what Airflow is told", () => {
  test("by its environment", () => {
    const text = describeSetup("env", terms);
    expect(text).toContain("export AIRFLEET_URL=https://airfleet.example.org/fleet\n");
    expect(text).toContain(String.raw`export AIRFLEET_REPORT_KEY_FILE='/home/o'\''neil/report key.pem'`);
    expect(text).not.toContain("AIRFLEET_REPORT_FORMAT");
    expect(text).toContain("airfleet reports watch eu-1");
  });

  test("by its environment, in an older format", () => {
    const text = describeSetup("env", { ...terms, format: "g1" });
    expect(text).toContain("export AIRFLEET_URL=https://airfleet.example.org/fleet/reports/eu-1/satellite/v1\n");
    expect(text).toContain("export AIRFLEET_REPORT_FORMAT=g1\n");
  });

  test("by a connection and variables", () => {
    const text = describeSetup("variables", { ...terms, format: "g0", algorithm: "RS256" });
    expect(text).toContain("--conn-schema https --conn-host airfleet.example.org --conn-port 443");
    expect(text).toContain(`--conn-extra '{"endpoint":"fleet/reports/eu-1/satellite/v1/"}'`);
    expect(text).toContain("airflow variables set process_report_crypt_algorithm RS256");
    expect(describeSetup("variables", terms)).toContain('{"instance":"eu-1","key_id":"2026-11-21-a1b2"}');
  });

  test("by a connection that has the path under which the server is reached", () => {
    expect(connectionOf("https://airfleet.example.org:8443/fleet/")).toBe(
      "--conn-type http --conn-host https://airfleet.example.org:8443/fleet",
    );
    expect(connectionOf("http://10.0.0.5:3000")).toBe(
      "--conn-type http --conn-schema http --conn-host 10.0.0.5 --conn-port 3000",
    );
  });

  test("by the values of its chart, which hold no key", () => {
    const text = describeSetup("helm", terms);
    expect(text).toContain('  - {name: AIRFLEET_REPORT_KEY_FILE, value: "/opt/airflow/airfleet/report.pem"}');
    expect(text).toContain("mountPath: /opt/airflow/airfleet, readOnly: true");
  });
});
