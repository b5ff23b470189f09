import { AirfleetError, InstanceConfig, type InstanceId, toInstanceId } from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import type { InstanceTable } from "../schema.ts";
import type { SealedPlace } from "../secrets/secret-box.ts";
import { objectFromJson } from "../text/stored-json.ts";

/** An instance that was configured through the API. */
export interface StoredInstance {
  readonly id: InstanceId;
  /** With its credentials in clear text: never to be shown. */
  readonly config: InstanceConfig;
  /** Grows by one with each change. */
  readonly version: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Instances configured through the API; those from files are not kept here. */
export interface InstanceRepository {
  /** In order of id. */
  list(): Promise<readonly StoredInstance[]>;
  find(id: InstanceId): Promise<StoredInstance | undefined>;
  /** @throws {AirfleetError} INSTANCE_EXISTS when the id is taken, in upper or lower case. */
  create(config: InstanceConfig): Promise<StoredInstance>;
  /**
   * Replaces the configuration if it is still at `version`.
   * @throws {AirfleetError} INSTANCE_UNKNOWN, VERSION_CONFLICT
   */
  update(config: InstanceConfig, version: number): Promise<StoredInstance>;
  /** @throws {AirfleetError} INSTANCE_UNKNOWN, VERSION_CONFLICT */
  remove(id: InstanceId, version: number): Promise<void>;
}

/** The place that an instance's secrets are encrypted for. */
export const instanceSecretsPlace = (id: string): SealedPlace => ({ table: "instances", row: id, field: "sealed" });

/** A URL may carry a password, so it is kept with what is secret by name. */
const SECRET_FIELDS = ["auth", "headers", "tls", "url", "deploy"] as const satisfies readonly (keyof InstanceConfig)[];

const split = (config: InstanceConfig) => {
  const secret = Object.fromEntries(SECRET_FIELDS.map((field) => [field, config[field]]));
  const open = Object.entries(config).filter(([field]) => !(field in secret));
  return { open: Object.fromEntries(open), secret };
};

export const createInstanceRepository = ({ db, box, clock }: StoreContext): InstanceRepository => {
  const fromRow = (row: Selectable<InstanceTable>): StoredInstance => {
    const secret = box.open(instanceSecretsPlace(row.id), row.sealed) as object;
    return {
      id: toInstanceId(row.id),
      config: InstanceConfig.parse({ ...objectFromJson(row.config), ...secret }),
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  };

  const written = (config: InstanceConfig) => {
    const { open, secret } = split(config);
    return { config: JSON.stringify(open), sealed: box.seal(instanceSecretsPlace(config.id), secret) };
  };

  const find = async (id: InstanceId): Promise<StoredInstance | undefined> => {
    const row = await db.selectFrom("instances").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  };

  /** Why a change at `version` touched no row. */
  const refusal = async (id: InstanceId, version: number): Promise<AirfleetError> => {
    const rows = await db.selectFrom("instances").select(["id", "version"]).orderBy("id").execute();
    const current = rows.find((row) => row.id === id);
    if (current === undefined)
      return new AirfleetError("INSTANCE_UNKNOWN", { instance: id, known: rows.map((row) => row.id) });
    const resource = `Instance "${id}"`;
    return new AirfleetError("VERSION_CONFLICT", { resource, given: version, current: current.version });
  };

  return {
    find,

    async list() {
      return (await db.selectFrom("instances").selectAll().orderBy("id").execute()).map(fromRow);
    },

    async create(config) {
      const now = clock();
      const row = { id: config.id, folded_id: config.id.toLowerCase(), version: 1, created_at: now, updated_at: now };
      const created = await db
        .insertInto("instances")
        .values({ ...row, ...written(config) })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (created === undefined)
        throw new AirfleetError("INSTANCE_EXISTS", { instance: config.id, source: "the store" });
      return fromRow(created);
    },

    async update(config, version) {
      const updated = await db
        .updateTable("instances")
        .set({ ...written(config), version: version + 1, updated_at: clock() })
        .where("id", "=", config.id)
        .where("version", "=", version)
        .returningAll()
        .executeTakeFirst();
      if (updated === undefined) throw await refusal(config.id, version);
      return fromRow(updated);
    },

    async remove(id, version) {
      const removed = await db
        .deleteFrom("instances")
        .where("id", "=", id)
        .where("version", "=", version)
        .returning("id")
        .executeTakeFirst();
      if (removed === undefined) throw await refusal(id, version);
    },
  };
};
