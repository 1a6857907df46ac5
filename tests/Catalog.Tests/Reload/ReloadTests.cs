using Fairlead.Catalog.Building;
using Fairlead.Catalog.Reload;
using Fairlead.Catalog.Snapshot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Catalog.Tests.Reload;

public sealed class ReloadTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fairlead-reload-");
    private readonly LogLines log = new();

    private string File => Path.Combine(folder.FullName, "acme.json");

    public void Dispose() => folder.Delete(recursive: true);

    private (CatalogWatcher Watcher, CatalogSource Source, ServiceProvider Services) Start()
    {
        var settings = new CatalogSettings { Files = [File], Environment = _ => null, PollInterval = TimeSpan.FromMilliseconds(50) };
        var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(new LoggerFactory([log]))
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddCatalog(settings, new CatalogLoader(_ => null).Load([File], []).Snapshot!)
            .BuildServiceProvider();
        return (services.GetRequiredService<CatalogWatcher>(), services.GetRequiredService<CatalogSource>(), services);
    }

    [Fact]
    public void ChangedFile_PutsANewSnapshotInForce()
    {
        System.IO.File.WriteAllText(File, Build.Acme);
        var (watcher, source, services) = Start();
        using var _ = services;
        var before = source.Current;

        Assert.False(watcher.CheckOnce());
        System.IO.File.WriteAllText(File, Build.Acme.Replace("Acme: Rocket 1", "Acme: Rocket 2", StringComparison.Ordinal));

        Assert.True(watcher.CheckOnce());
        Assert.NotSame(before, source.Current);
        Assert.Equal("Acme: Rocket 2", source.Current.Find("acme/rocket-1")!.Name);
        Assert.False(watcher.CheckOnce());
    }

    [Fact]
    public void FileWithAMistake_IsRefusedWholeAndLoggedOnceWithFileLineAndReason()
    {
        System.IO.File.WriteAllText(File, Build.Acme);
        var (watcher, source, services) = Start();
        using var _ = services;
        var before = source.Current;

        var broken = Build.Acme.Replace("\"0.000001\"", "\"-1\"", StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, broken);

        Assert.False(watcher.CheckOnce());
        Assert.False(watcher.CheckOnce());
        Assert.Same(before, source.Current);
        var line = Assert.Single(log.Texts, t => t.Contains(File, StringComparison.Ordinal));
        Assert.Contains($":{broken[..broken.IndexOf("\"-1\"", StringComparison.Ordinal)].Split('\n').Length}:", line, StringComparison.Ordinal);
        Assert.Contains("models[0].endpoints[0].pricing.prompt: a price cannot be negative.", line, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Texts, t => t.Contains("sk-acme", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_LogsTheWarningsOfTheFilesTheProgramStartedWith()
    {
        await System.IO.File.WriteAllTextAsync(File, Build.Acme.Replace("\"api_key\": \"sk-acme\"", "\"api_key_env\": \"ACME_KEY\"", StringComparison.Ordinal));
        var (watcher, _, services) = Start();
        await using var _ = services;

        await watcher.StartAsync(default);
        await watcher.StopAsync(default);

        Assert.Contains("ACME_KEY is not set", Assert.Single(log.Texts), StringComparison.Ordinal);
    }

    [Fact]
    public void RemovedFile_KeepsTheRunningCatalog_UntilItIsBack()
    {
        System.IO.File.WriteAllText(File, Build.Acme);
        var (watcher, source, services) = Start();
        using var _ = services;

        System.IO.File.Delete(File);
        Assert.False(watcher.CheckOnce());
        Assert.NotNull(source.Current.Find("acme/rocket-1"));

        System.IO.File.WriteAllText(File, """{"models":[{"id":"a/b"}]}""");
        Assert.True(watcher.CheckOnce());
        Assert.Null(source.Current.Find("acme/rocket-1"));
    }

    [Fact]
    public async Task EditorThatReplacesTheFile_IsNoticedWhileRunning()
    {
        await System.IO.File.WriteAllTextAsync(File, Build.Acme);
        var (watcher, source, services) = Start();
        await using var _ = services;
        var changed = new TaskCompletionSource();
        source.Changed += (_, _) => changed.TrySetResult();
        await watcher.StartAsync(default);

        await System.IO.File.WriteAllTextAsync(File + "~", """{"models":[{"id":"a/b"}]}""");
        System.IO.File.Move(File + "~", File, overwrite: true);
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await watcher.StopAsync(default);

        Assert.NotNull(source.Current.Find("a/b"));
        Assert.Contains(log.Texts, t => t.StartsWith("The configuration was reloaded", StringComparison.Ordinal));
    }

    [Fact]
    public void AddCatalog_RunsTheWatcherWithTheProgram()
    {
        System.IO.File.WriteAllText(File, Build.Acme);
        var (watcher, _, services) = Start();
        using var _ = services;

        Assert.Same(watcher, Assert.Single(services.GetServices<IHostedService>().OfType<CatalogWatcher>()));
    }
}
