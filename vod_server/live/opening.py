"""How a channel's sources are opened: what was learnt of each since it was last on air."""

from __future__ import annotations

from pathlib import Path

from vod_server.live.fitting import Plan, first_plan, output_arguments
from vod_server.live.inputs import LOOKS_S, Surroundings, input_arguments
from vod_server.live.variants import Variants
from vod_server.live.wanted import WantedChannel, WantedSource


class Opening:
    """Knows of each source its plan, its variants and for how long to look at it.

    Args:
        around: what inputs need to know.
        scratch: where a look beside any run puts what it needs.
    """

    def __init__(self, around: Surroundings, scratch: Path) -> None:
        self._around = around
        self._scratch = scratch
        self._plans: dict[int, Plan] = {}
        #: By source, how often a look at it was too short since it was last on air.
        self._short_looks: dict[int, int] = {}
        self._variants = Variants()

    def is_ready(self, channel: WantedChannel, source: WantedSource) -> bool:
        """Say whether it is known what a source offers; if not, ask, and wait for nothing."""
        return self._variants.is_known(source, lambda: self.inputs(channel, source))

    def plan_of(self, channel: WantedChannel, source: WantedSource) -> Plan:
        """Return what is to be copied of a source and what encoded."""
        return self._plans.get(source.id) or first_plan(
            source.kind, source.mode, radio=channel.radio
        )

    def look_s(self, source: WantedSource) -> float:
        """Return for how long to look at what a source sends, seconds."""
        return LOOKS_S[min(self._short_looks.get(source.id, 0), len(LOOKS_S) - 1)]

    def inputs(
        self, channel: WantedChannel, source: WantedSource, *, look_s: float = LOOKS_S[0]
    ) -> list[str]:
        """Return the arguments that open a source for a look, beside any run.

        Raises:
            CuntaiError: it cannot be opened as it is set.
        """
        return self._arguments(channel, source, self._scratch, look_s)

    def run_arguments(
        self, channel: WantedChannel, source: WantedSource, run: Path
    ) -> tuple[list[str], list[str]]:
        """Return ffmpeg's arguments for a run: those that open the source, those of its output.

        Args:
            channel: whose source.
            source: the one.
            run: folder of the run.

        Raises:
            CuntaiError: it cannot be opened as it is set.
        """
        inputs = self._arguments(channel, source, run, self.look_s(source))
        plan, variant = self.plan_of(channel, source), self._variants.of(source)
        outputs = output_arguments(plan, source.kind, variant)
        return self._variants.opened(source, inputs), outputs

    def _arguments(
        self, channel: WantedChannel, source: WantedSource, run: Path, look_s: float
    ) -> list[str]:
        key = channel.stream_key
        return input_arguments(source, self._around, stream_key=key, run=run, look_s=look_s)

    def learn(self, source: WantedSource, plan: Plan) -> None:
        """Remember the plan by which a source fits the boxes."""
        self._plans[source.id] = plan

    def looked_too_short(self, source: WantedSource) -> bool:
        """Note that a look was too short; say whether it was the first, and the next is longer."""
        before = self._short_looks.get(source.id, 0)
        self._short_looks[source.id] = before + 1
        return not before

    def came(self, source: WantedSource) -> None:
        """Note that a source is on air: its next look is a short one again."""
        self._short_looks.pop(source.id, None)

    def failed(self, source: WantedSource) -> None:
        """Ask for a source's variants again the next time."""
        self._variants.forget(source.id)

    def forget(self) -> None:
        """Forget plans and variants: the sources are others now."""
        self._plans.clear()
        self._variants.clear()

    def stop(self) -> None:
        """Give up a question that is still open."""
        self._variants.stop()
