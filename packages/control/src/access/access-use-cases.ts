import { AirfleetError, toTokenId } from "@airfleet/model";
import type { Store, StoredToken } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { AccessUseCases } from "../control.ts";
import type { Token } from "./token.ts";

const DAY_MS = 86_400_000;
/** A working day: who comes back the next morning signs in again. */
const SESSION_MS = DAY_MS / 2;

const toToken = (stored: StoredToken): Token => ({
  id: stored.id,
  name: stored.name,
  role: stored.role,
  instances: stored.instances,
  createdAt: stored.createdAt,
  expiresAt: stored.expiresAt,
  lastUsedAt: stored.lastUsedAt,
  revokedAt: stored.revokedAt,
});

const toActor = ({ name, role, instances }: StoredToken): Actor => ({
  id: `token:${name}`,
  role,
  instances,
  sourceIp: null,
  requestId: null,
});

const isLive = ({ revokedAt, expiresAt }: StoredToken, now: number): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);

interface AccessPorts {
  readonly store: Store;
  readonly now: () => number;
  readonly onWritten: () => void;
}

/** Tokens: who somebody is. What a role may do is said by the contract and checked where requests come in. */
export const createAccessUseCases = ({ store, now, onWritten }: AccessPorts): AccessUseCases => {
  const note = async (actor: Actor, verb: string, outcome: "requested" | "done", token: object): Promise<void> => {
    const { id, sourceIp, requestId } = actor;
    await store.audit.append({ actor: id, verb, outcome, details: { token }, sourceIp, requestId });
    onWritten();
  };

  /** The audit trail and run ids name a caller by its token's name, so no two living tokens may share one. */
  const checkNameFree = async (name: string): Promise<void> => {
    const taken = (await store.tokens.list()).some((token) => token.name === name && isLive(token, now()));
    if (!taken) return;
    throw new AirfleetError(
      "REQUEST_INVALID",
      { summary: `a token "${name}" exists already` },
      { findings: [{ pointer: "/name", message: "choose another name, or revoke the other token first" }] },
    );
  };

  return {
    authenticate: async (plain) => toActor(await store.tokens.verify(plain)),

    async openSession(plain) {
      const token = await store.tokens.verify(plain);
      const expiresAt = Math.min(now() + SESSION_MS, token.expiresAt ?? Number.POSITIVE_INFINITY);
      return { actor: toActor(token), session: store.tokens.sealSession({ plain, expiresAt }), expiresAt };
    },

    readSession: (session) => store.tokens.openSession(session),

    async listTokens() {
      return (await store.tokens.list()).map(toToken);
    },

    async createToken(actor, { name, role, instances, expiresInDays }) {
      await checkNameFree(name);
      await note(actor, "token:create", "requested", { name, role, instances });
      const expiresAt = now() + expiresInDays * DAY_MS;
      const { token, plain } = await store.tokens.create({ name, role, instances, expiresAt, createdBy: actor.id });
      await note(actor, "token:create", "done", { id: token.id, name, role, instances, expires_at: expiresAt });
      return { ...toToken(token), plain };
    },

    async revokeToken(actor, id) {
      const { name, role } = await store.tokens.revoke(toTokenId(id));
      await note(actor, "token:revoke", "done", { id, name, role });
    },
  };
};
