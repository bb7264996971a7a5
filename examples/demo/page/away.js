// Counts what the page that was left has still delivered.
import { follow } from './live.js';

const show = (id, number) => { document.getElementById(id).textContent = number.toLocaleString('en'); };
const left = Number(sessionStorage.getItem('left') ?? 0);
const arrived = new Set();
let twice = 0;
let size = 0;

const ours = ({ scope, time }) => scope.name === 'page.leave' && time >= left;

/** By its number; a request that was given up with the page comes again. */
function count({ attributes }) {
  const [, number] = attributes.find(([key]) => key === 'app.index');
  if (arrived.has(number)) twice++;
  arrived.add(number);
}

follow({
  records({ records }) {
    records.filter(ours).forEach(count);
    show('count', arrived.size);
    show('twice', twice);
    document.getElementById('again').hidden = twice === 0;
  },
  exchange({ bytes, over, time }) {
    if (over && time >= left) size += bytes;
    show('bytes', size);
  },
});
