using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Accounts;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console;
using Fairlead.Ledger;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.Gateway.Tests.Console;

/// <summary>The management API alone on a real socket, with a database and a catalog of its own.</summary>
public sealed class ConsoleHost : IAsyncDisposable
{
    private readonly string folder;
    private readonly WebApplication app;

    private ConsoleHost(string folder, WebApplication app)
    {
        this.folder = folder;
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Client { get; }

    public static string Key { get; } = Some.Key(1);

    public static string ProvisioningKey { get; } = Some.Key(2);

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<ConsoleHost> StartAsync(string catalog = TestCatalog.Text, TimeProvider? clock = null)
    {
        var data = Directory.CreateTempSubdirectory("fairlead-console-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(new CatalogSource(Snapshot(catalog)));
        builder.Services.AddSingleton<Catalog.Health.HealthBook>();
        builder.Services.AddStorage(DatabaseAddress.SqliteFile(Path.Combine(data, "fairlead.db"))).AddLedger(static () => new NodeId("consolehost00001")).AddAccounts().AddConsole();
        var server = builder.Build();
        server.UseApiCors();
        server.UseRouting();
        server.MapConsole();
        await server.Services.GetRequiredService<AccountBootstrap>().ApplyAsync(new BootstrapValues { Key = Key, ProvisioningKey = ProvisioningKey });
        await server.StartAsync();
        return new ConsoleHost(data, server);
    }

    public static CatalogSnapshot Snapshot(string catalog)
    {
        var outcome = new CatalogLoader(_ => null).Load([new ConfigurationDocument("test.json", Encoding.UTF8.GetBytes(catalog))]);
        Assert.Empty(outcome.Mistakes);
        return outcome.Snapshot!;
    }

    public Task<Answer> GetAsync(string path, string? key = null, Action<HttpRequestMessage>? edit = null) => SendAsync("GET", path, key, null, edit);

    public async Task<Answer> SendAsync(string method, string path, string? key = null, string? body = null, Action<HttpRequestMessage>? edit = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        edit?.Invoke(request);
        using var response = await Client.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>What came back.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public JsonNode Data => Json["data"]!;

    public string[] Ids => [.. Data.AsArray().Select(model => model!["id"]!.GetValue<string>())];
}
