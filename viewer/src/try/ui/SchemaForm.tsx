/** A form made from a message's schema. It holds no data: every change is a new value for its owner. */
import type { ReactNode } from "react";

import { Budget } from "../../document/budget";
import type { Mistake } from "../check/check";
import { STEPS } from "../check/validate";
import type { Seen } from "../compose/seen";
import { ABSENT, withValue, type Path } from "../compose/values";
import type { Message } from "../contract/contract";
import { FieldView } from "./FieldView";
import { useEmitter } from "./useEmitter";

/** Fields of a form, all objects inside it together. */
const MOST_FIELDS = 600;

interface Props {
  message: Message;
  value: unknown;
  mistakes: Mistake[];
  seen: Seen;
  onChange(value: unknown): void;
}

export function SchemaForm({ message, value, mistakes, seen, onChange }: Props): ReactNode {
  useEmitter(seen.changed);
  const change = (path: Path, next: unknown): void => onChange(withValue(value, path, path.length === 0 && next === ABSENT ? null : next));
  return (
    <FieldView
      schema={message.payload}
      name={message.title}
      path={[]}
      value={value}
      isRequired
      isRoot
      form={{ mistakes, seen, change, fields: new Budget(MOST_FIELDS), checks: new Budget(STEPS) }}
    />
  );
}
