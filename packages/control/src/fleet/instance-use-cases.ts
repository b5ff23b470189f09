import {
  AirfleetError,
  InstanceConfig,
  type InstanceConfigInput,
  type InstanceId,
  isAirfleetError,
} from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import type { InstanceUseCases } from "../control.ts";
import type { FleetInstance } from "./fleet-instance.ts";
import type { InstanceConditions } from "./instance-conditions.ts";
import type { InstanceRegistry } from "./instance-registry.ts";
import type { InstanceSources } from "./instance-sources.ts";
import { toFleetInstance } from "./instance-view.ts";
import { type DefinedInstance, STORED } from "./merge-sources.ts";
import { checkStoredConfig } from "./stored-instance-rules.ts";

interface InstancePorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly sources: InstanceSources;
  readonly clock: Clock;
  readonly redact: (value: unknown) => unknown;
  readonly onWritten: () => void;
}

/** @throws {AirfleetError} REQUEST_INVALID with a finding per place */
const parseConfig = (input: unknown): InstanceConfig => {
  const parsed = InstanceConfig.safeParse(input);
  if (parsed.success) {
    checkStoredConfig(parsed.data);
    return parsed.data;
  }
  const findings = parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message }));
  throw new AirfleetError("REQUEST_INVALID", { summary: `${findings.length} fields of the instance` }, { findings });
};

/** What may be shown of a configuration in the audit trail: all but what is secret. */
const openFields = ({ auth, headers, tls, deploy, ...open }: InstanceConfig): object => ({
  ...open,
  ...(deploy === undefined ? {} : { deploy: { type: deploy.type } }),
  auth: { type: auth.type },
  headers: Object.keys(headers),
  tls: { insecure: tls.insecure },
});

export const createInstanceUseCases = (ports: InstancePorts): InstanceUseCases => {
  const { store, registry, conditions, sources, clock, redact, onWritten } = ports;

  const show = (defined: DefinedInstance): FleetInstance =>
    toFleetInstance(defined, conditions.status(defined, registry.breaker(defined.config.id)));

  const note = async (
    actor: Actor,
    verb: string,
    instance: InstanceId,
    facts: { readonly outcome: "requested" | "done" | "failed"; readonly details: object },
  ): Promise<void> => {
    const details = redact(facts.details) as Readonly<Record<string, unknown>>;
    const { id, sourceIp, requestId } = actor;
    await store.audit.append({ actor: id, verb, outcome: facts.outcome, instance, details, sourceIp, requestId });
    onWritten();
  };

  /** Writes an audit row before the change and one after it, so that no change goes without a trace. */
  const audited = async (
    { actor, verb, instance, details }: { actor: Actor; verb: string; instance: InstanceId; details: object },
    change: () => Promise<unknown>,
  ): Promise<void> => {
    await note(actor, verb, instance, { outcome: "requested", details });
    try {
      await change();
    } catch (error) {
      const code = isAirfleetError(error) ? error.code : "INTERNAL";
      await note(actor, verb, instance, { outcome: "failed", details: { error: { code } } });
      throw error;
    }
    await sources.refresh();
    await note(actor, verb, instance, { outcome: "done", details: {} });
  };

  /** @throws {AirfleetError} INSTANCE_UNKNOWN, INSTANCE_FROM_FILE */
  const getStored = (id: InstanceId): DefinedInstance => {
    const defined = registry.get(id);
    if (defined.source !== STORED)
      throw new AirfleetError("INSTANCE_FROM_FILE", { instance: id, file: defined.source });
    return defined;
  };

  return {
    list: () => registry.list().map(show),
    get: (id) => show(registry.get(id)),

    async create(actor, input) {
      const config = parseConfig(input);
      const folded = config.id.toLowerCase();
      const taken = registry.list().find(({ config: { id }, removed }) => !removed && id.toLowerCase() === folded);
      if (taken !== undefined) {
        throw new AirfleetError("INSTANCE_EXISTS", { instance: config.id, source: taken.source });
      }
      const details = { config: openFields(config) };
      await audited({ actor, verb: "instance:create", instance: config.id, details }, () =>
        store.instances.create(config),
      );
      return show(registry.get(config.id));
    },

    async update(actor, id, patch, version) {
      const { config } = getStored(id);
      const next = parseConfig({ ...config, ...patch, id } satisfies InstanceConfigInput);
      const details = { before: openFields(config), after: openFields(next) };
      await audited({ actor, verb: "instance:update", instance: id, details }, () =>
        store.instances.update(next, version),
      );
      return show(registry.get(id));
    },

    async remove(actor, id, version) {
      const { config } = getStored(id);
      const details = { before: openFields(config) };
      await audited({ actor, verb: "instance:remove", instance: id, details }, () =>
        store.instances.remove(id, version),
      );
    },

    async probe(id, options) {
      const { config } = registry.getEnabled(id);
      const attemptedAt = clock.now();
      const attempt = (): { instance: InstanceId; feed: "health"; attemptedAt: number; durationMs: number } => ({
        instance: id,
        feed: "health",
        attemptedAt,
        durationMs: clock.now() - attemptedAt,
      });
      try {
        const timeoutMs = Math.min(options?.timeoutMs ?? config.limits.timeout_ms, config.limits.timeout_ms);
        const probe = await registry.use(id, (engine) => engine.probe({ ...options, timeoutMs }));
        await conditions.succeeded({ ...attempt(), probe });
        return { instance: show(registry.get(id)), probe };
      } catch (error) {
        if (!isAirfleetError(error) || options?.signal?.aborted === true) throw error;
        await conditions.failed({ ...attempt(), error });
        return { instance: show(registry.get(id)), probe: null };
      }
    },

    reload: () => sources.reload(),
  };
};
