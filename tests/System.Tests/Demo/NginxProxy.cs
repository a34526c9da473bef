using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.System.Tests.Demo;

/// <summary>nginx in front of an edge, on the configuration under <c>docker/nginx</c> with its port and the edge's address replaced.</summary>
public sealed class NginxProxy : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly TemporaryFolder _folder;
    private readonly NodeProcess _process;

    private NginxProxy(TemporaryFolder folder, NodeProcess process, Uri address) => (_folder, _process, Address) = (folder, process, address);

    public Uri Address { get; }

    public static async Task<NginxProxy> StartAsync(Uri edge)
    {
        if (!File.Exists(Program))
            throw new InvalidOperationException($"The tests need nginx: {Program} is missing (Debian: apt-get install nginx)");
        var folder = new TemporaryFolder();
        var port = FreePort.Next();
        File.WriteAllText(
            folder.File("site.conf"),
            Replace(Replace(Shipped(), "listen 80;", $"listen 127.0.0.1:{port};"), "server edge:8080;", $"server {edge.Authority};")
        );
        // What Debian's own nginx.conf would say, with every file in the test's folder.
        File.WriteAllText(
            folder.File("nginx.conf"),
            $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              include {{folder}}/site.conf;
            }
            """
        );
        var process = NodeProcess.Start(
            "nginx",
            [Program, "-e", folder.File("error.log"), "-c", folder.File("nginx.conf")],
            new Dictionary<string, string?>(),
            folder.File("out.log")
        );
        var address = new Uri($"http://127.0.0.1:{port}/");
        using var http = new HttpClient();
        await process.WaitForAsync(() => AnswersAsync(http, address), "nginx to pass on the edge's answers");
        return new NginxProxy(folder, process, address);
    }

    public async ValueTask DisposeAsync()
    {
        // Its worker ends with it only when it ends in order.
        await _process.TerminateAsync();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string Shipped() => File.ReadAllText(Repository.PathOf("docker", "nginx", "notifyorleans.conf"));

    private static string Replace(string text, string old, string by)
    {
        Assert.Contains(old, text);
        return text.Replace(old, by, StringComparison.Ordinal);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri address)
    {
        try
        {
            using var answer = await http.GetAsync(address);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
