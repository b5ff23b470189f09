/** Records actions until it is killed, and says each one that was acknowledged; gives audit rows and events their place in between. */
import { setTimeout as pause } from "node:timers/promises";
import { isAirfleetError, toDagId, toInstanceId } from "@airfleet/model";
import { openStore, type OpenStoreOptions } from "../../src/index.ts";

// Reaching a limit on the size of files is to be an error of the write, as on a full disk, and not the end.
process.on("SIGXFSZ", () => undefined);

const store = await openStore(JSON.parse(process.argv[2] ?? "{}") as OpenStoreOptions);
process.stdout.write("ready\n");

for (let index = 0; ; index += 1) {
  try {
    const { action } = await store.actions.record({
      verb: "dag:pause",
      actor: `pid:${process.pid}`,
      instance: toInstanceId("eu-1"),
      dagId: toDagId(`dag_${index}`),
      request: { paused: true, note: "x".repeat(500) },
    });
    process.stdout.write(`ack ${action.id}\n`);
    if (index % 5 === 0) await Promise.all([store.audit.sequence(), store.events.sequence()]);
  } catch (error) {
    const ready = await store.checkReady().then(
      () => "ready",
      () => "unready",
    );
    process.stdout.write(`error ${isAirfleetError(error) ? error.code : String(error)} ${ready}\n`);
    await pause(20);
  }
}
