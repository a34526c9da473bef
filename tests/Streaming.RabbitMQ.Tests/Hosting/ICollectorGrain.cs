namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

public interface ICollectorGrain : IGrainWithStringKey;
