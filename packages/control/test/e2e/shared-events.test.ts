import { InstanceConfig, resolveInstanceConfig, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import { expect, it, onTestFinished } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { type Control, createControl, type EventListener } from "../../src/index.ts";
import { FakeInstance } from "../fake-instance.ts";
import { actor, eventually, fromFile } from "../fleet-fixture.ts";

const aListener = (): EventListener & { readonly ids: () => number[] } => {
  let text = "";
  const take = (frames: Uint8Array): void => void (text += new TextDecoder().decode(frames));
  return {
    send: take,
    sendPaced: async (frames) => take(frames),
    end: () => undefined,
    ids: () => Array.from(text.matchAll(/^id: (\d+)\ndata: /gm), ([, id]) => Number(id)),
  };
};

const start = async (store: Store): Promise<Control> => {
  const fake = new FakeInstance("eu");
  const control = await createControl({
    store,
    createEngine: () => fake.engine(),
    loadInstances: () => Promise.resolve([fromFile({ id: "eu", url: "http://eu.example" })]),
    resolveSecrets: (config) => resolveInstanceConfig(InstanceConfig.parse(config), () => ""),
    settings: { poll: false, leaseMs: 3_000, heartbeatMs: 300 },
  });
  onTestFinished(async () => {
    await control.close({ drainMs: 100 });
    await store.close();
  });
  control.startReconcilers();
  return control;
};

it.each(backends)(
  "messages and events go their way on $name, through every server there is",
  PATIENT,
  async (backend) => {
    const place = await backend.freshPlace();
    onTestFinished(() => place[Symbol.asyncDispose]());
    const servers: Control[] = [];
    const stores: Store[] = [];
    // One process only may have a SQLite store.
    for (let server = 0; server < (backend.name === "postgres" ? 2 : 1); server += 1) {
      const store = await place.open({ clock: Date.now });
      stores.push(store);
      servers.push(await start(store));
    }
    const listeners = servers.map((control) => {
      const listener = aListener();
      control.events.follow(actor, { filter: { kinds: ["run.changed"] }, words: null, after: 0 }, listener);
      return listener;
    });
    const eu = toInstanceId("eu");
    const post = (number: number) => {
      const body = { dag_id: "d", dag_run_id: `r${number}`, rikolti_message: { dag_complete: true } };
      return servers[number % servers.length]?.reports.postToInstance(actor, eu, [JSON.stringify(body)]);
    };
    const total = 40;
    for (let number = 0; number < total; number += 1) await post(number);
    await eventually(() => listeners.every((listener) => listener.ids().length === total));
    for (const listener of listeners) {
      expect(listener.ids()).toEqual(listener.ids().toSorted((left, right) => left - right));
      expect(new Set(listener.ids()).size).toBe(total);
    }
    const key = runKeyOf({ instance: eu, dagId: toDagId("d"), runId: toRunId("r3") });
    for (const [index, control] of servers.entries()) {
      expect((await control.reports.list({ run: key, limit: 5 })).items).toMatchObject([{ kind: "dag_complete" }]);
      expect((await stores[index]?.runs.find(key))?.record.state).toBe("success");
    }
    // The same message to every server at once is taken in by one of them.
    const twice = JSON.stringify({
      Type: "Notification",
      MessageId: "once",
      Timestamp: new Date().toISOString(),
      Message: JSON.stringify({ dag_id: "d", dag_run_id: "twice", rikolti_message: "x" }),
    });
    const receptions = await Promise.all(
      servers.flatMap((control) => [1, 2].map(() => control.reports.postToInstance(actor, eu, [twice]))),
    );
    expect(receptions.flat().filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);
  },
);
