import { useEffect, useState } from 'preact/hooks';
import { arrivals, type Arrival } from './session.ts';

/** Milliseconds in which arrivals are told together: someone who comes back to forty of them wants one sentence. */
const together = 400;
const shownFor = 5000;

/** Tells of arrivals at the edge of the screen, and to a screen reader. */
export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    let waiting: Arrival['notification'][] = [];
    let timer = 0;
    const tell = () => {
      const missed = waiting.filter(notification => notification.missed).length;
      setText(missed > 0 ? `Welcome back: ${counted(missed)} waited for you` : waiting.length === 1 ? waiting[0]!.text : `${counted(waiting.length)} arrived`);
      waiting = [];
      timer = window.setTimeout(() => setText(''), shownFor);
    };
    const arrived = (event: Event) => {
      if (waiting.push((event as Arrival).notification) > 1) return;
      clearTimeout(timer);
      timer = window.setTimeout(tell, together);
    };
    arrivals.addEventListener('arrival', arrived);
    return () => {
      arrivals.removeEventListener('arrival', arrived);
      clearTimeout(timer);
    };
  }, []);
  return (
    <div class="announcer" role="status" data-shown={text !== ''}>
      {text}
    </div>
  );
}

function counted(count: number): string {
  return count === 1 ? 'one notification' : `${count} notifications`;
}
