// The lines of a span, for Fill.
import { LAYOUT } from './facts.mjs';

const encoder = new TextEncoder();
const ascii = (text) => ({ text, bytes: encoder.encode(text) });

/** An event or a link: what is written in `words`, behind its attributes. */
function part(fill, type, children, length, words) {
  const at = fill.nodes.length;
  fill.nodes.push(LAYOUT[`TYPE_${type}`] | children << LAYOUT.COUNT_SHIFT, length, ...words);
  return at;
}

function attributes(fill, line) {
  if (line.atEnd()) return 0;
  const entries = line.entries();
  fill.entries(entries);
  return entries.length;
}

function event(fill, line) {
  const name = line.string();
  const time = [line.number(), line.number()];
  const children = attributes(fill, line);
  const id = fill.way.keys?.get(name.text);
  const at = part(fill, 'EVENT', children, id === undefined ? fill.put(name) : 0, time);
  fill.nodes[at] |= (id ?? 0) << LAYOUT.KEY_SHIFT;
}

function link(fill, line) {
  const ids = line.word() + line.word();
  const state = line.string();
  const flags = line.number();
  const children = attributes(fill, line);
  const length = fill.put(ascii(ids)) + fill.put(state);
  part(fill, 'LINK', children, length, [flags, 0]);
}

/** A line of a `span`; false if it is none. */
export function spanLine(fill, word, line) {
  const { header } = fill;
  switch (word) {
    case 'span': header[LAYOUT.HEADER_KIND] = line.number() + (line.number() << LAYOUT.STATUS_SHIFT); return true;
    case 'ids':
      fill.put(ascii(line.word() + line.word()));
      header[LAYOUT.HEADER_TRACE_FLAGS] = line.number();
      return true;
    case 'state': header[LAYOUT.HEADER_TRACE_STATE] = fill.put(line.string()); return true;
    case 'parent':
      header[LAYOUT.HEADER_FLAGS] |= LAYOUT.FLAG_PARENT;
      fill.put(ascii(line.word()));
      return true;
    case 'name': header[LAYOUT.HEADER_NAME] = fill.put(line.string()); return true;
    case 'start': header.set([line.number(), line.number()], LAYOUT.HEADER_START); return true;
    case 'end': header.set([line.number(), line.number()], LAYOUT.HEADER_END); return true;
    case 'dropped':
      header[LAYOUT.HEADER_DROPPED] = line.number();
      header.set([line.number(), line.number()], LAYOUT.HEADER_DROPPED_EVENTS);
      return true;
    case 'attributes': fill.entries(line.entries()); return true;
    case 'event': event(fill, line); return true;
    case 'link': link(fill, line); return true;
    case 'message': header[LAYOUT.HEADER_STATUS_MESSAGE] = fill.put(line.string(), fill.behind); return true;
    default: return false;
  }
}
