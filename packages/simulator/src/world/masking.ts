/** Words that make Airflow call a name secret. */
const SENSITIVE = [
  "access_token",
  "api_key",
  "apikey",
  "authorization",
  "passphrase",
  "passwd",
  "password",
  "private_key",
  "secret",
  "token",
  "keyfile_dict",
  "service_account",
];

export const MASK = "***";

export const isSensitiveName = (name: string): boolean => SENSITIVE.some((word) => name.toLowerCase().includes(word));

const maskInside = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(maskInside);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSensitiveName(key) ? MASK : maskInside(item)]),
  );
};

/** Masks secret keys inside a JSON object text; other text is answered as it is. `print` writes the object back. */
export const maskJsonText = (text: string, print: (value: unknown) => string): string => {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? print(maskInside(value)) : text;
  } catch {
    return text;
  }
};
