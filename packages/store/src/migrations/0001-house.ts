import type { BackendProfile } from "../backend/profile.ts";

/** Identity of the store, settings, tokens, idempotency keys, leases and the processes that serve. */
export const house = ({ text, integer, tableEnd }: BackendProfile): readonly string[] => [
  `create table store_facts (
    name ${text} primary key,
    value ${text} not null
  ) ${tableEnd}`,

  `create table settings (
    key ${text} primary key,
    value ${text} not null,
    updated_at ${integer} not null
  ) ${tableEnd}`,

  `create table tokens (
    id ${text} primary key,
    name ${text} not null,
    role ${text} not null,
    instances ${text} not null,
    tenant ${text},
    secret_hash ${text} not null,
    created_by ${text} not null,
    created_at ${integer} not null,
    expires_at ${integer},
    last_used_at ${integer},
    revoked_at ${integer}
  ) ${tableEnd}`,

  `create table idempotency_keys (
    scope ${text} primary key,
    actor ${text} not null,
    method ${text} not null,
    route ${text} not null,
    request_hash ${text} not null,
    holder ${text} not null,
    outstanding_until ${integer},
    status ${integer},
    sealed_body ${text},
    created_at ${integer} not null,
    expires_at ${integer} not null
  ) ${tableEnd}`,
  "create index idempotency_keys_expired on idempotency_keys (expires_at)",

  `create table leases (
    name ${text} primary key,
    owner ${text} not null,
    term ${integer} not null,
    expires_at ${integer} not null
  ) ${tableEnd}`,

  `create table members (
    id ${text} primary key,
    hostname ${text} not null,
    pid ${integer} not null,
    roles ${text} not null,
    started_at ${integer} not null,
    seen_at ${integer} not null
  ) ${tableEnd}`,
];
