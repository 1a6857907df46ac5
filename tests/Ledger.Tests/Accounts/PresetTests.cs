using System.Text;
using Dapper;
using Fairlead.Accounts.Presets;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests.Accounts;

public abstract class PresetTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task PresetsAreSaved_VersionsCounted_TheNewestIsUsedAtOnce_AndARestartKeepsThem()
    {
        await using var test = await StartAsync();
        var (store, id) = (test.Get<PresetStore>(), test.Account.Id);

        var first = (await store.SaveAsync(id, "a", Version("""{"seed":1}""", "Be brief")))!;
        Assert.Equal((1, "a", "Be brief", PresetStatus.Active), (first.Version.Number, first.Name, first.Version.SystemPrompt, first.Status));
        var second = (await store.SaveAsync(id, "a", Version("""{"seed":2}""")))!;
        Assert.Equal((2, """{"seed":2}""", null, first.Id), (second.Version.Number, Text(second.Version), second.Version.SystemPrompt, second.Id));
        Assert.Same(second, test.Get<PresetIndex>().Find(id, "a"));
        Assert.Null(test.Get<PresetIndex>().Find(id + 1, "a"));

        var restored = (await store.RestoreAsync(id, "a", 1, "user_2"))!;
        Assert.Equal((3, """{"seed":1}""", "Be brief", "user_2"), (restored.Version.Number, Text(restored.Version), restored.Version.SystemPrompt, restored.Version.CreatorId));
        Assert.Null(await store.RestoreAsync(id, "a", 4, "user_2"));
        Assert.Null(await store.RestoreAsync(id + 1, "a", 1, "user_2"));
        var (versions, total) = await store.VersionsAsync(first.Id, 1, 50);
        Assert.Equal(3, total);
        Assert.Equal([2, 3], versions.Select(static version => version.Number));
        Assert.Equal(first.Version.Id, (await store.FindVersionAsync(id, "a", 1))!.Id);
        Assert.Null(await store.FindVersionAsync(id + 1, "a", 1));

        await test.ReopenAsync();
        await test.Get<PresetIndex>().StartAsync(default);
        var kept = test.Get<PresetIndex>().Find(id, "a")!;
        Assert.Equal((restored.Id, restored.Version.Id, Text(restored.Version), restored.UpdatedAt), (kept.Id, kept.Version.Id, Text(kept.Version), kept.UpdatedAt));
    }

    [Fact]
    public async Task ListIsLastChangedFirst_OfOneAccount()
    {
        await using var test = await StartAsync();
        var (store, id) = (test.Get<PresetStore>(), test.Account.Id);
        foreach (var slug in (string[])["a", "b", "c", "a"])
            await store.SaveAsync(id, slug, Version("{}"));
        await store.SaveAsync(id + 1, "a", Version("{}"));

        var (page, total) = await store.ListAsync(id, 0, 2);
        Assert.Equal(3, total);
        Assert.Equal(["a", "c"], page.Select(static preset => preset.Slug));
        Assert.Equal(["b"], (await store.ListAsync(id, 2, 2)).Page.Select(static preset => preset.Slug));
    }

    [Fact]
    public async Task TooManyPresets_AreRefused_AndTheOldestOfTooManyVersionsGivesWay()
    {
        await using var test = await StartAsync();
        var (store, id) = (test.Get<PresetStore>(), test.Account.Id);
        await store.SaveAsync(id, "a", Version("{}"));
        using (var connection = test.Files.Connect())
        {
            for (var i = 1; i < PresetLimits.Presets; i++)
            {
                connection.Execute(
                    "INSERT INTO presets (id, account_id, slug, name, status, version, creator_id, created_at_ms, updated_at_ms, revision) VALUES (@slug, @id, @slug, 'n', 'active', 1, 'u', 1, 1, 1)",
                    new { id, slug = $"s{i}" });
            }

            connection.Execute($"UPDATE presets SET version = {PresetLimits.Versions} WHERE slug = 'a'");
            connection.Execute($"UPDATE preset_versions SET version = {PresetLimits.Versions}");
            connection.Execute("INSERT INTO preset_versions (id, preset_id, version, config, creator_id, created_at_ms) SELECT 'old', preset_id, 1, '{}', 'u', 1 FROM preset_versions");
        }

        Assert.Null(await store.SaveAsync(id, "b", Version("{}")));
        var saved = (await store.SaveAsync(id, "a", Version("{}")))!;
        Assert.Equal(PresetLimits.Versions + 1, saved.Version.Number);
        Assert.Equal([PresetLimits.Versions, PresetLimits.Versions + 1], (await store.VersionsAsync(saved.Id, 0, 50)).Page.Select(static version => version.Number));
    }

    [Fact]
    public async Task AnotherProcessSavesAPreset_OneLookShowsItHere()
    {
        await using var test = await StartAsync();
        await using var other = test.OpenAsAnotherProcess();
        Assert.False(await test.LookForForeignChangesAsync());

        await other.Get<PresetStore>().SaveAsync(test.Account.Id, "a", Version("{}"));

        Assert.True(await test.LookForForeignChangesAsync());
        Assert.NotNull(test.Get<PresetIndex>().Find(test.Account.Id, "a"));
    }

    private static NewPresetVersion Version(string config, string? prompt = null) => new(prompt, Encoding.UTF8.GetBytes(config), "user_1");

    private static string Text(PresetVersion version) => Encoding.UTF8.GetString(version.Config.Span);
}

public sealed class PresetTestsOnSqlite() : PresetTests(DatabaseEngine.Sqlite);

public sealed class PresetTestsOnPostgreSql() : PresetTests(DatabaseEngine.PostgreSql);
