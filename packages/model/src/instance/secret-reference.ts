import { z } from "zod";

/** A secret in configuration: the text itself, an environment variable's name, or the path of a file that holds it. */
export const SecretReference = z.union([
  z.string(),
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type SecretReference = z.infer<typeof SecretReference>;
