using System.Text;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>Requests as RabbitMQ 3.10 sends them.</summary>
internal static class Question
{
    public static byte[] User(string user, string token) => Post("user", $"username={user}&password={token}&vhost=%2F");

    public static byte[] Resource(string user) => Post("resource", $"username={user}&vhost=%2F&resource=exchange&name=notifications&permission=read&tags=");

    public static byte[] Topic(string user) =>
        Post(
            "topic",
            $"username={user}&vhost=%2F&resource=topic&name=notifications&permission=read&tags=&routing_key=user.{user}.orders.%23&variable_map.username={user}&variable_map.vhost=%2F"
        );

    private static byte[] Post(string path, string form) =>
        Encoding.ASCII.GetBytes(
            $"POST /auth/{path} HTTP/1.1\r\nHost: silo:8081\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\nConnection: keep-alive\r\n\r\n{form}"
        );
}
