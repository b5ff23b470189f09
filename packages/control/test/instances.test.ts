import { resolveInstanceConfig, toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { ConfiguredInstance } from "../src/index.ts";
import { aDag, aRun, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, aStore, eventually, fromFile } from "./fleet-fixture.ts";

const url = "http://eu.example";
const auth = { type: "basic", username: "airfleet", password: "canary-password" } as const;

describe("instances made through the API", () => {
  it("are stored with their credentials encrypted, shown without them, and there after a restart", async () => {
    const store = await aStore();
    const { control } = await aFleet([], { store });
    const headers = { "X-Key": "canary-header" };
    const made = await control.instances.create(actor, { id: "eu", url: `${url}/`, auth, headers, tier: "staging" });
    expect(made).toMatchObject({
      id: "eu",
      url,
      source: "stored",
      version: 1,
      authType: "basic",
      username: "airfleet",
    });
    const shown = [
      control.instances.list(),
      await control.audit.list({ limit: 10 }),
      await control.actions.list({ limit: 1 }),
    ];
    expect(JSON.stringify(shown)).not.toContain("canary");
    const { control: next } = await aFleet([], { store });
    expect(next.instances.get(made.id)).toMatchObject({ id: "eu", tier: "staging" });
  });

  it("are refused when the id is taken in whatever case, and when a field is wrong", async () => {
    const { control } = await aFleet([new FakeInstance("EU")]);
    await expect(control.instances.create(actor, { id: "eu", url })).rejects.toMatchObject({
      code: "INSTANCE_EXISTS",
      message: expect.stringContaining("airfleet.yaml"),
    });
    await expect(control.instances.create(actor, { id: "a b", url: "ftp://x" })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      findings: [{ pointer: "/id" }, { pointer: "/url" }],
    });
  });

  it("are refused references to this server's secrets, with nothing written", async () => {
    const { control, store } = await aFleet([]);
    const stolen = { ...auth, password: { env: "AIRFLEET_SECRET_KEY" } };
    await expect(control.instances.create(actor, { id: "eu", url, auth: stolen })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      findings: [{ pointer: "/auth/password" }],
    });
    expect(await store.instances.list()).toEqual([]);
  });

  it("are refused a URL that carries credentials or the API's path, as files are", async () => {
    const { control } = await aFleet([]);
    for (const wrong of ["http://admin:canary@eu.example", `${url}/api/v1`, `${url}/?a=1`]) {
      const refusal = await control.instances.create(actor, { id: "eu", url: wrong }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: "REQUEST_INVALID", findings: [{ pointer: "/url" }] });
      expect(String(refusal)).not.toContain("canary");
    }
  });

  it("are changed by one of two people who read the same version", async () => {
    const { control } = await aFleet([]);
    const { id } = await control.instances.create(actor, { id: "eu", url, auth });
    const changes = await Promise.allSettled([
      control.instances.update(actor, id, { description: "mine" }, 1),
      control.instances.update(actor, id, { description: "yours" }, 1),
    ]);
    expect(changes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(changes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "VERSION_CONFLICT" } });
    expect(control.instances.get(id).version).toBe(2);
  });

  it("are forgotten when removed, and an audit row says who did it", async () => {
    const { control } = await aFleet([]);
    const { id } = await control.instances.create(actor, { id: "eu", url, auth });
    await control.instances.remove(actor, id, 1);
    expect(() => control.instances.get(id)).toThrow('There is no instance "eu"');
    const { items } = await control.audit.list({ limit: 10 });
    expect(items.map(({ verb, outcome }) => `${verb} ${outcome}`)).toEqual([
      "instance:remove done",
      "instance:remove requested",
      "instance:create done",
      "instance:create requested",
    ]);
  });
});

/** A fleet whose file can be changed. */
const aFile = async (instances: readonly FakeInstance[], first: readonly ConfiguredInstance[]) => {
  const file = { content: first };
  const fleet = await aFleet(instances, { loadInstances: () => Promise.resolve(file.content) });
  return { ...fleet, file };
};

describe("instances from files", () => {
  it("cannot be changed through the API, which names the file", async () => {
    const fake = new FakeInstance("eu");
    const { control } = await aFleet([fake]);
    const refused = { code: "INSTANCE_FROM_FILE", details: { file: "airfleet.yaml" } };
    await expect(control.instances.update(actor, fake.id, { enabled: false }, 1)).rejects.toMatchObject(refused);
    await expect(control.instances.remove(actor, fake.id, 1)).rejects.toMatchObject(refused);
  });

  it("stop the start when the store has one of the same id, and both sources are named", async () => {
    const store = await aStore();
    const { control } = await aFleet([], { store });
    await control.instances.create(actor, { id: "EU", url, auth });
    await expect(aFleet([new FakeInstance("eu")], { store })).rejects.toMatchObject({
      code: "CONFIG_SOURCES_CLASH",
      details: { first: "airfleet.yaml", second: "stored" },
    });
  });

  it("get a new engine on reload only where their configuration changed, after the old one's calls have ended", async () => {
    const [eu, us] = [new FakeInstance("eu").add(aDag("d")), new FakeInstance("us").add(aDag("d"))];
    const other = fromFile({ id: "us", url });
    const { control, file } = await aFile([eu, us], [fromFile({ id: "eu", url }), other]);
    const { promise: released, resolve: letGo } = Promise.withResolvers<void>();
    eu.fault = (_operation, when) => (when === "before" ? released : undefined);
    const reading = control.live.dag(eu.id, toDagId("d"));
    await control.live.dag(us.id, toDagId("d"));
    file.content = [fromFile({ id: "eu", url: "http://new.example" }), other];
    await control.instances.reload();
    expect(control.instances.get(eu.id).url).toBe("http://new.example");
    expect([eu.enginesOpen, us.enginesOpen]).toEqual([1, 1]);
    letGo();
    expect((await reading).dagId).toBe("d");
    await eventually(() => eu.enginesOpen === 0);
    expect(us.enginesOpen).toBe(1);
  });

  it("get a new engine when only a secret in a file was rotated", async () => {
    const eu = new FakeInstance("eu").add(aDag("d"));
    let secret = "old";
    const config = fromFile({ id: "eu", url, auth: { ...auth, password: { file: "/run/secret" } } });
    const seen: string[] = [];
    const { control } = await aFleet([eu], {
      loadInstances: () => Promise.resolve([config]),
      resolveSecrets: (one) => resolveInstanceConfig(one, () => (seen.push(secret), secret)),
    });
    await control.live.dag(eu.id, toDagId("d"));
    secret = "new";
    await control.instances.reload();
    await eventually(() => eu.enginesOpen === 0);
    expect(seen).toContain("new");
  });

  it("stay as they are when the new file cannot be used", async () => {
    const eu = new FakeInstance("eu");
    const { control, file } = await aFile([eu], [fromFile({ id: "eu", url })]);
    file.content = [
      fromFile({ id: "eu", url: "http://a.example" }),
      fromFile({ id: "EU", url }, "config/clients.json"),
    ];
    await expect(control.instances.reload()).rejects.toMatchObject({ code: "CONFIG_SOURCES_CLASH" });
    expect(control.instances.get(eu.id).url).toBe(url);
  });

  it("are disabled when they leave their file, also after a restart, and their DAGs stay to be seen", async () => {
    const eu = new FakeInstance("eu").add(aDag("d"));
    const { control, file, store } = await aFile([eu], [fromFile({ id: "eu", url, name: "Europe" })]);
    await control.actions.perform(
      actor,
      { verb: "dag:pause", instance: eu.id, dagId: toDagId("d"), paused: true },
      { deadlineMs: 5_000 },
    );
    file.content = [];
    await control.instances.reload();
    expect(control.instances.get(eu.id)).toMatchObject({ name: "Europe", enabled: false, removed: true });
    await expect(control.live.dag(eu.id, toDagId("d"))).rejects.toMatchObject({ code: "INSTANCE_DISABLED" });
    const { items } = await control.fleet.listDags({ limit: 10 });
    expect(items[0]?.cells[0]).toMatchObject({ instance: "eu", stale: true });
    const { control: next } = await aFleet([], { store });
    expect(next.instances.get(eu.id)).toMatchObject({ enabled: false, removed: true, source: "airfleet.yaml" });
  });
});

describe("live reads", () => {
  it("say that an instance is unknown or disabled before anything is called", async () => {
    const fake = new FakeInstance("eu").add(aDag("d"));
    const { control } = await aFleet([fake], { config: { enabled: false } });
    await expect(control.live.dag(fake.id, toDagId("d"))).rejects.toMatchObject({ code: "INSTANCE_DISABLED" });
    await expect(control.live.dag(new FakeInstance("us").id, toDagId("d"))).rejects.toMatchObject({
      code: "INSTANCE_UNKNOWN",
      details: { known: ["eu"] },
    });
    expect(fake.calls).toEqual([]);
  });

  it("tell a run without tasks from one that is not there", async () => {
    const fake = new FakeInstance("eu").add(aDag("d"));
    const { control } = await aFleet([fake]);
    const run = { dagId: toDagId("d"), runId: aDag("r").dagId as never };
    await expect(control.live.tasks(fake.id, run)).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });

  it("give the engine back when a reader leaves a log half way", async () => {
    const fake = new FakeInstance("eu").add(aDag("d")).addRun(aRun("d", "r"));
    const { control } = await aFleet([fake]);
    const place = { dagId: toDagId("d"), runId: "r" as never, taskId: "t" as never, mapIndex: -1, tryNumber: 2 };
    for await (const line of control.live.log(fake.id, place)) {
      expect(line.text).toBe("try 2");
      break;
    }
    await control.close();
    expect(fake.enginesOpen).toBe(0);
  });
});
