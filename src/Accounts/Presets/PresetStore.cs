using System.Data.Common;
using System.Text;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Accounts.Presets;

/// <summary>SQL of presets and their versions. When a change returns, <see cref="PresetIndex"/> has it.</summary>
public sealed class PresetStore(Database database, TimeProvider clock, PresetIndex index)
{
    private const string NextRevision = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM presets)";

    /// <summary>Gives a preset a new version, which requests get from now on; makes the preset where there is none.</summary>
    /// <returns>Null when the account has as many presets as it may (<see cref="PresetLimits.Presets"/>).</returns>
    public async Task<Preset?> SaveAsync(long accountId, string slug, NewPresetVersion version, CancellationToken cancellationToken = default)
    {
        var saved = await database.WriteAsync(
            (connection, transaction) => SaveAsync(connection, transaction, accountId, slug, version), "saving a preset", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return saved ? index.Find(accountId, slug) : null;
    }

    /// <summary>Makes a copy of an earlier version the newest one (P42).</summary>
    /// <returns>Null when the preset has no such version, or is not there.</returns>
    public async Task<Preset?> RestoreAsync(long accountId, string slug, int version, string creatorId, CancellationToken cancellationToken = default)
    {
        var saved = await database.WriteAsync(
            async (connection, transaction) =>
            {
                var row = await connection.QueryFirstOrDefaultAsync<PresetVersionRow>(OneVersion, new { accountId, slug, version }, transaction);
                return row is not null
                    && await SaveAsync(connection, transaction, accountId, slug, new(row.SystemPrompt, Encoding.UTF8.GetBytes(row.Config), creatorId));
            },
            "restoring a version of a preset", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return saved ? index.Find(accountId, slug) : null;
    }

    /// <summary>An account's presets, last changed first, and how many there are.</summary>
    public Task<(IReadOnlyList<Preset> Page, int Total)> ListAsync(long accountId, int offset, int count, CancellationToken cancellationToken = default) => database.ReadAsync(
        async connection =>
        {
            var total = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT COUNT(*) FROM presets WHERE account_id = @accountId", new { accountId }, cancellationToken: cancellationToken));
            var rows = await connection.QueryAsync<PresetRow>(new CommandDefinition(
                $"{PresetRow.Select} WHERE p.account_id = @accountId ORDER BY p.revision DESC LIMIT @count OFFSET @offset",
                new { accountId, offset, count }, cancellationToken: cancellationToken));
            return ((IReadOnlyList<Preset>)[.. rows.Select(static row => row.ToPreset())], (int)total);
        },
        "listing presets");

    /// <summary>The versions of a preset that are kept, oldest first, and how many there are.</summary>
    public Task<(IReadOnlyList<PresetVersion> Page, int Total)> VersionsAsync(string presetId, int offset, int count, CancellationToken cancellationToken = default) => database.ReadAsync(
        async connection =>
        {
            var total = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT COUNT(*) FROM preset_versions WHERE preset_id = @presetId", new { presetId }, cancellationToken: cancellationToken));
            var rows = await connection.QueryAsync<PresetVersionRow>(new CommandDefinition(
                $"{PresetVersionRow.Select} WHERE v.preset_id = @presetId ORDER BY v.version LIMIT @count OFFSET @offset",
                new { presetId, offset, count }, cancellationToken: cancellationToken));
            return ((IReadOnlyList<PresetVersion>)[.. rows.Select(static row => row.ToVersion())], (int)total);
        },
        "listing versions of a preset");

    /// <summary>One version of a preset; null when it is not there, or no longer.</summary>
    public async Task<PresetVersion?> FindVersionAsync(long accountId, string slug, int version, CancellationToken cancellationToken = default)
    {
        var row = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<PresetVersionRow>(
                new CommandDefinition(OneVersion, new { accountId, slug, version }, cancellationToken: cancellationToken)),
            "reading a version of a preset");
        return row?.ToVersion();
    }

    private const string OneVersion =
        $"{PresetVersionRow.Select} JOIN presets p ON p.id = v.preset_id WHERE p.account_id = @accountId AND p.slug = @slug AND v.version = @version";

    private async Task<bool> SaveAsync(DbConnection connection, DbTransaction transaction, long accountId, string slug, NewPresetVersion version)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var known = await connection.QueryFirstOrDefaultAsync<PresetRow>($"{PresetRow.Select} WHERE p.account_id = @accountId AND p.slug = @slug", new { accountId, slug }, transaction);
        var presetId = known?.Id ?? Guid.NewGuid().ToString();
        var number = (known?.Version ?? 0) + 1;
        if (known is not null)
        {
            await connection.ExecuteAsync(
                $"UPDATE presets SET version = @number, updated_at_ms = @now, revision = {NextRevision} WHERE id = @presetId", new { presetId, number, now }, transaction);
        }
        else
        {
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM presets WHERE account_id = @accountId", new { accountId }, transaction) >= PresetLimits.Presets)
                return false;
            await connection.ExecuteAsync(
                $"""
                INSERT INTO presets (id, account_id, slug, name, status, version, creator_id, created_at_ms, updated_at_ms, revision)
                VALUES (@presetId, @accountId, @slug, @slug, 'active', @number, @CreatorId, @now, @now, {NextRevision})
                """,
                new { presetId, accountId, slug, number, version.CreatorId, now }, transaction);
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO preset_versions (id, preset_id, version, system_prompt, config, creator_id, created_at_ms)
            VALUES (@id, @presetId, @number, @SystemPrompt, @config, @CreatorId, @now)
            """,
            new { id = Guid.NewGuid().ToString(), presetId, number, version.SystemPrompt, config = Encoding.UTF8.GetString(version.Config.Span), version.CreatorId, now }, transaction);
        await connection.ExecuteAsync(
            "DELETE FROM preset_versions WHERE preset_id = @presetId AND version <= @forgotten", new { presetId, forgotten = number - PresetLimits.Versions }, transaction);
        return true;
    }
}

/// <summary>What a version of a preset will say.</summary>
/// <param name="SystemPrompt">Becomes the first system message; null is none.</param>
/// <param name="Config">See <see cref="PresetVersion.Config"/>.</param>
/// <param name="CreatorId">Public id of the account that makes it.</param>
public sealed record NewPresetVersion(string? SystemPrompt, ReadOnlyMemory<byte> Config, string CreatorId);
