import { describe, expect, test } from "vitest";
import { explainConfiguration } from "../../src/index.ts";
import { Workspace } from "./workspace.ts";

const FILE = "airfleet.yaml";

const smtp = (password: string): string =>
  `alerts:\n  smtp: {host: mail.example, username: a, password: ${password}, from: a@example.org}\n`;

describe("settings of what goes out", () => {
  test("are nobody private and no mail, unless said otherwise", () => {
    using work = new Workspace();
    work.write(FILE, "{}");
    const { network, alerts } = work.load().settings;
    expect([network, alerts]).toEqual([{ allow: [] }, { every_seconds: 10 }]);
  });

  test("take networks, addresses and names, from the file or as a list from the environment", () => {
    using work = new Workspace();
    work.write(FILE, 'network:\n  allow: [10.0.0.0/8, "fd00::/8", 127.0.0.1, "*.corp.example"]\n');
    expect(work.load().settings.network.allow).toEqual(["10.0.0.0/8", "fd00::/8", "127.0.0.1", "*.corp.example"]);
    const { settings } = work.load({ AIRFLEET_NETWORK__ALLOW: "10.1.0.0/16, localhost" });
    expect(settings.network.allow).toEqual(["10.1.0.0/16", "localhost"]);
  });

  test("refuse an entry that could never match", () => {
    using work = new Workspace();
    work.write(FILE, "network:\n  allow: [10.0.0.0/33]\n");
    expect(JSON.stringify(work.refusal().findings)).toContain("a network such as 10.0.0.0/8");
  });

  test("hide the password of the mail server, and read its file beside the configuration", () => {
    using work = new Workspace();
    work.write(FILE, smtp("canary"));
    const explained = explainConfiguration(work.load());
    expect(JSON.stringify(explained)).not.toContain("canary");
    expect(explained).toContainEqual(expect.objectContaining({ key: "alerts.smtp.password", value: "(hidden)" }));
    work.write(FILE, smtp("{file: secrets/mail}"));
    expect(work.load().settings.alerts.smtp?.password).toEqual({ file: `${work.cwd}/secrets/mail` });
  });
});
