using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>M6: no generation holds negative counts or amounts.</summary>
internal sealed class UsageRecordCheck : ILedgerCheck
{
    public string Name => "M6";

    public string Claim => "no recorded usage or amount is negative";

    public void Run(DbConnection connection, Findings findings)
    {
        findings.Looked = connection.ExecuteScalar<long>("SELECT COUNT(*) FROM generations");
        var least = connection.IsPostgreSql() ? "LEAST" : "MIN";
        foreach (var id in connection.Query<string>(
            $"""
            SELECT id FROM generations WHERE cost < 0 OR overrun < 0 OR upstream_cost < 0
                OR {least}(tokens_prompt, tokens_completion, native_tokens_prompt, native_tokens_completion, native_tokens_reasoning, native_tokens_cached,
                    native_tokens_completion_images, media_prompt, input_audio_prompt, media_completion, search_results) < 0
            """,
            buffered: false))
        {
            findings.Add($"{id} holds a negative count or amount");
        }
    }
}
