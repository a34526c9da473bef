"""The scenario with stomp.py over TCP. Usage: scenario.py PORT USER; the token is in TOKEN. Prints the steps, then "done"."""
import os
import socket
import sys
import threading

import stomp

PORT, USER, TOKEN = int(sys.argv[1]), sys.argv[2], os.environ["TOKEN"]
PATIENCE = 30


class Session(stomp.ConnectionListener):
    def __init__(self, passcode=TOKEN, heart_beat=(0, 0)):
        self.messages, self.receipts, self.error, self.change = [], set(), None, threading.Condition()
        self.is_ended, self.last_receipt = False, 0
        self.connection = stomp.Connection12([("127.0.0.1", PORT)], heartbeats=heart_beat, vhost="/", auto_content_length=True, reconnect_attempts_max=1)
        self.connection.set_listener("", self)
        self.connection.connect(USER, passcode, wait=True)

    def on_message(self, frame):
        self.told(lambda: self.messages.append(frame))

    def on_receipt(self, frame):
        self.told(lambda: self.receipts.add(frame.headers["receipt-id"]))

    def on_error(self, frame):
        self.told(lambda: setattr(self, "error", frame.headers["message"]))

    def on_disconnected(self):
        self.told(lambda: setattr(self, "is_ended", True))

    def told(self, do):
        with self.change:
            do()
            self.change.notify_all()

    def until(self, condition, what):
        with self.change:
            assert self.change.wait_for(condition, PATIENCE), f"waited in vain for {what}; error: {self.error}"

    def receipt(self):
        self.last_receipt += 1
        return f"r{self.last_receipt}"

    def subscribe(self, name, ack):
        receipt = self.receipt()
        self.connection.subscribe(at(name), id=name, ack=ack, headers={"receipt": receipt})
        self.until(lambda: receipt in self.receipts, "the receipt of SUBSCRIBE")

    def send(self, name, body):
        receipt = self.receipt()
        self.connection.send(at(name), body, headers={"receipt": receipt})
        return receipt

    def bodies(self, count):
        self.until(lambda: len(self.messages) >= count, f"{count} messages")
        return [frame.body for frame in self.messages]

    def drop(self):
        self.connection.transport.socket.shutdown(socket.SHUT_RDWR)
        self.until(lambda: self.is_ended, "the end")

    def leave(self):
        self.connection.disconnect()


def at(name):
    return f"/exchange/notifications/user.{USER}.{name}"


def expect(what, actual, expected):
    assert actual == expected, f"{what}: {str(actual)[:200]} and not {str(expected)[:200]}"


def wrong_token():
    try:
        Session(passcode="wrong")
    except stomp.exception.ConnectFailedException:
        return
    raise AssertionError("a wrong token was taken")


def many_both_ways():
    session = Session()
    session.subscribe("many", "auto")
    bodies = [f"{i} ünï 漢 😀" for i in range(1000)]
    receipts = [session.send("many", body) for body in bodies]
    expect("1,000 messages", session.bodies(1000), bodies)
    session.until(lambda: session.receipts.issuperset(receipts), "1,000 receipts")
    session.leave()


def ack_modes():
    for ack, left in (("client", ["2"]), ("client-individual", ["0", "2"])):
        session = Session()
        session.subscribe(ack, ack)
        for body in ("0", "1", "2"):
            session.send(ack, body)
        session.bodies(3)
        # What was on its way when the socket broke may be lost with it.
        receipt = session.receipt()
        session.connection.ack(session.messages[1].headers["ack"], receipt=receipt)
        session.until(lambda: receipt in session.receipts, "the receipt of ACK")
        session.drop()
        following = Session()
        following.subscribe(ack, ack)
        expect(f"what {ack} left", following.bodies(len(left)), left)
        expect("redelivered", following.messages[0].headers["redelivered"], "true")
        for frame in following.messages:
            following.connection.ack(frame.headers["ack"])
        following.leave()


def reconnect():
    first, other = Session(), Session()
    first.subscribe("again", "client-individual")
    first.drop()
    other.send("again", "while away")
    second = Session()
    second.subscribe("again", "client-individual")
    second.bodies(1)
    second.connection.nack(second.messages[0].headers["ack"])
    expect("what came while away, and again after a NACK", second.bodies(2), ["while away", "while away"])
    second.connection.ack(second.messages[1].headers["ack"])
    second.leave()
    other.leave()


def large_frames():
    session = Session()
    session.subscribe("large", "auto")
    # TCP cuts anywhere, in the middle of characters too.
    body = "ž漢😀" * 20000
    session.send("large", body)
    expect("a large body", session.bodies(1), [body])
    session.leave()


def heart_beats():
    session = Session(heart_beat=(1000, 1000))
    session.subscribe("beats", "auto")
    # Longer than either side waits for the other's beats.
    waited = threading.Event()
    session.connection.set_listener("beats", Beats(waited))
    assert waited.wait(PATIENCE), "no heart-beats"
    session.send("beats", "alive")
    expect("what comes after some beats", session.bodies(1), ["alive"])
    session.leave()


class Beats(stomp.ConnectionListener):
    """Waits for a few beats of the edge."""

    def __init__(self, waited):
        self.waited, self.left = waited, 4

    def on_heartbeat(self):
        self.left -= 1
        if self.left == 0:
            self.waited.set()


for step in (wrong_token, many_both_ways, ack_modes, reconnect, large_frames, heart_beats):
    step()
    print(step.__name__, flush=True)
print("done", flush=True)
