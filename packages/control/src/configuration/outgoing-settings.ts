import { SecretReference } from "@airfleet/model";
import { z } from "zod";
import { isNetworkEntry } from "../outbound/network-policy.ts";

/** `network` of `airfleet.yaml`. */
export const Network = z.strictObject({
  allow: z
    .array(
      z
        .string()
        .min(1)
        .max(253)
        .refine(isNetworkEntry, "give an address, a network such as 10.0.0.0/8, or a host name"),
    )
    .default([])
    .describe(
      "Private receivers of webhooks and alerts, by address, network (10.0.0.0/8) or host name (*.corp.example); these may also be called over plain http.",
    ),
});

const Smtp = z.strictObject({
  host: z.string().min(1).describe("Server that takes our mail."),
  port: z.number().int().min(1).max(65_535).default(587),
  tls: z
    .enum(["starttls", "implicit", "none"])
    .default("starttls")
    .describe("starttls is insisted on; implicit as on port 465; none only for a relay that you trust the way to."),
  username: z.string().min(1).optional(),
  password: SecretReference.optional(),
  from: z.string().min(3).max(320).describe("Sender: airfleet@example.org, or Airfleet <airfleet@example.org>."),
});

/** `alerts` of `airfleet.yaml`. */
export const Alerts = z.strictObject({
  smtp: Smtp.optional().describe("Where e-mail is handed in; without it no alert rule can send e-mail."),
  every_seconds: z.number().int().min(1).max(3_600).default(10).describe("How often alert rules are judged."),
});
