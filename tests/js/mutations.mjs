/** Every value that differs from this one in one place: in which one of the wrong values stands, or which has another name. */
export function* mutations(value, wrongs, put = (changed) => changed) {
  if (typeof value !== 'object' || value === null) return;
  const copy = () => structuredClone(value);
  if (Array.isArray(value)) {
    for (const index of value.keys()) {
      const replace = (item) => put(Object.assign(copy(), { [index]: item }));
      for (const wrong of wrongs) yield replace(wrong);
      yield* mutations(value[index], wrongs, replace);
    }
    return;
  }
  for (const name of Object.keys(value)) {
    const replace = (member) => put({ ...copy(), [name]: member });
    for (const wrong of wrongs) yield replace(wrong);
    yield* mutations(value[name], wrongs, replace);
    const { [name]: gone, ...rest } = value;
    yield put(rest);
    yield put({ ...rest, [`${name}s`]: gone });
    yield put({ ...copy(), [name.toUpperCase()]: gone });
  }
  yield put({ ...copy(), unknown: 1 });
  yield put({ ...copy(), ['__proto__x']: 'y' });
}
