// Each class starts brokers, silos and edges: two at a time would wait for each other's CPU.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
