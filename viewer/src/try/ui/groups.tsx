/** Fields that hold fields: objects, lists, unions. */
import { useState, type ReactNode } from "react";

import { counted } from "../../document/budget";
import { isObject } from "../../document/json";
import { alternativeOf, MOST_LISTED, titleOf } from "../compose/fields";
import { sample } from "../compose/sample";
import { ABSENT } from "../compose/values";
import { keyword, propertiesOf, requiredOf } from "../contract/schemaFacts";
import { FieldView, type InputProps } from "./FieldView";

/** A hostile document can have more properties than anybody wants to see. */
const MOST = 300;

export function ObjectField(props: InputProps): ReactNode {
  const { field, value, path, form } = props;
  const required = requiredOf(field.schema);
  const properties = [...propertiesOf(field.schema)].slice(0, MOST);
  const known = new Set(properties.map(([name]) => name));
  const others = isObject(value) ? Object.keys(value).filter((name) => !known.has(name)).slice(0, MOST) : [];
  const additional = keyword(field.schema, "additionalProperties");
  return (
    <div className="try-fields">
      {properties.map(([name, schema]) => (
        <FieldView
          key={name}
          schema={schema}
          name={name}
          path={[...path, name]}
          value={isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined}
          isRequired={required.has(name)}
          form={form}
        />
      ))}
      {others.map((name) => (
        <FieldView
          key={name}
          schema={isObject(additional) ? additional : {}}
          name={name}
          path={[...path, name]}
          value={(value as Record<string, unknown>)[name]}
          isRequired={false}
          form={form}
          onRemove={() => form.change([...path, name], ABSENT)}
        />
      ))}
      {(isObject(additional) || additional === true || properties.length === 0) && additional !== false && (
        <NewMember onAdd={(name) => form.change([...path, name], isObject(additional) ? sample(additional) : "")} />
      )}
    </div>
  );
}

function NewMember({ onAdd }: { onAdd(name: string): void }): ReactNode {
  const [name, setName] = useState("");
  const add = (): void => {
    onAdd(name);
    setName("");
  };
  return (
    <div className="try-add">
      <input value={name} placeholder="name" aria-label="Name of a new member" onChange={(event) => setName(event.target.value)} />
      <button type="button" className="try-small" disabled={name === ""} onClick={add}>
        Add member
      </button>
    </div>
  );
}

export function ArrayField({ field, value, path, form, name }: InputProps): ReactNode {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const prefix = keyword(field.schema, "prefixItems");
  const rest = keyword(field.schema, "items");
  const schemaOf = (index: number): unknown => {
    const own = Array.isArray(prefix) ? (prefix as unknown[])[index] : Array.isArray(rest) ? (rest as unknown[])[index] : undefined;
    return own ?? (isObject(rest) ? rest : {});
  };
  return (
    <div className="try-fields">
      {items.slice(0, MOST).map((item, index) => (
        <FieldView
          key={index}
          schema={schemaOf(index)}
          name={`${name} ${index + 1}`}
          path={[...path, index]}
          value={item}
          isRequired
          form={form}
          onRemove={() => form.change([...path, index], ABSENT)}
        />
      ))}
      <button type="button" className="try-small" onClick={() => form.change([...path, items.length], sample(schemaOf(items.length)))}>
        Add item<span className="hidden-words"> to {name}</span>
      </button>
    </div>
  );
}

/** In fields. */
const UNION_COST = 30;

export function UnionField(props: InputProps): ReactNode {
  const { field, value, id, describedBy, set, name, form } = props;
  // An alternative can be a union again, and that one, too: boxes in boxes, which a browser lays out slowly.
  form.fields.take(UNION_COST);
  const alternatives = field.alternatives.slice(0, MOST_LISTED);
  const chosen = alternativeOf(alternatives, value, form.checks);
  const schema = alternatives[chosen];
  return (
    <div className="try-fields">
      <label className="try-inline" htmlFor={id}>
        Kind<span className="hidden-words"> of {name}</span>
      </label>
      <select id={id} value={chosen} aria-describedby={describedBy} onChange={(event) => set(sample(field.alternatives[Number(event.target.value)]))}>
        {alternatives.map((each, index) => (
          <option key={index} value={index}>
            {titleOf(each, index)}
          </option>
        ))}
      </select>
      {alternatives.length < field.alternatives.length && <p className="try-hint">Only {MOST_LISTED} of {counted(field.alternatives.length)} kinds are listed. Another can be written as JSON.</p>}
      <FieldView {...props} schema={schema} isRequired />
    </div>
  );
}
