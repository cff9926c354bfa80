import { Records } from './records.js';

const STATIONS = ['Aberdeen', 'Bergen', 'Córdoba', 'Dubrovnik', 'Évora', 'Florø', 'Graz', 'Hel', 'Iași', 'Jönköping', 'Kaunas', 'Łódź'];
const FIRST_MOMENT = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;

/** A million weather readings, each made when it is asked for: they need no memory and no download. */
export function millionReadings() {
  return new Records({
    name: 'readings',
    keys: ['reading', 'time', 'station', 'temperature', 'humidity', 'checked'],
    count: 1_000_000,
    recordAt: (index) => {
      const noise = scramble(index);
      return {
        reading: index + 1,
        time: new Date(FIRST_MOMENT + Math.floor(index / STATIONS.length) * MINUTE_MS).toISOString(),
        station: STATIONS[index % STATIONS.length],
        temperature: ((noise & 0x1ff) - 150) / 10,
        humidity: 30 + ((noise >>> 9) % 70),
        checked: noise >>> 31 === 0,
      };
    },
  });
}

/** The same number for the same index, without a pattern that the eye would see (the finaliser of MurmurHash3). */
function scramble(index) {
  let bits = index + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
