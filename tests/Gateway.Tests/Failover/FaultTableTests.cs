using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>
/// The failure policy (architecture §4), every row in every dialect, streamed and not, over real sockets. Whatever happens: no broken answer looks whole, none
/// is charged, nothing hangs, no endpoint is asked more than twice. What came of each case is the table of <c>docs/routing-failures.md</c>; run with
/// <c>FAIRLEAD_UPDATE_EXPECTED=1</c> to write it anew.
/// </summary>
public sealed class FaultTableTests
{
    // The longest way: two attempts of a second and a half, on a busy machine.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);
    private static readonly string Document = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/routing-failures.md");

    [Fact]
    public async Task EveryFault_EndsAsTheDocumentSays()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = FaultTable.Config() });
        var whole = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var protocol in FaultTable.Protocols)
            whole[protocol] = (await host.ChatAsync(ChatClient.Body(model: protocol + "/healthy"))).Content;

        var table = new StringBuilder();
        var faults = FaultTable.All.ToArray();
        var cases =
            from fault in Enumerable.Range(0, faults.Length)
            from company in Enum.GetValues<Company>()
            from stream in (bool[])[true, false]
            from protocol in FaultTable.Protocols
            select (Fault: fault, Company: company, Stream: stream, Protocol: protocol);
        var outcomes = new Dictionary<(int, Company, bool, string), string>();
        var mistakes = new List<string>();
        await Parallel.ForEachAsync(cases.ToArray(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, _) =>
        {
            var fault = faults[one.Fault];
            try
            {
                var outcome = await OutcomeAsync(
                    host, one.Protocol, FaultTable.Model(one.Protocol, one.Fault, one.Stream, one.Company), one.Stream, one.Company, whole[one.Protocol], fault);
                lock (outcomes)
                    outcomes[(one.Fault, one.Company, one.Stream, one.Protocol)] = outcome;
            }
            catch (Xunit.Sdk.XunitException wrong)
            {
                lock (outcomes)
                    mistakes.Add(wrong.Message);
            }
        });
        Assert.True(mistakes.Count == 0, string.Join("\n\n", mistakes));

        for (var fault = 0; fault < faults.Length; fault++)
        {
            if (fault == 0 || fault == FaultTable.Before.Length)
            {
                table.Append(CultureInfo.InvariantCulture, $"{(fault == 0 ? "" : "\n")}### {(fault == 0 ? "Before the first event" : "After it")}\n\n");
                table.Append("| The provider does | another endpoint is there | only the next model is there | nobody else is there |\n|---|---|---|---|\n");
            }

            var cells = Enum.GetValues<Company>().Select(company => Cell(stream => protocol => outcomes[(fault, company, stream, protocol)]));
            table.Append(CultureInfo.InvariantCulture, $"| {faults[fault].What} | {string.Join(" | ", cells)} |\n");
        }

        var document = (await File.ReadAllTextAsync(Document)).ReplaceLineEndings("\n");
        var start = document.IndexOf("### Before the first event", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("FAIRLEAD_UPDATE_EXPECTED") == "1")
        {
            await File.WriteAllTextAsync(Document, document[..start] + table);
            Assert.Fail("written; read it, commit it, and run without FAIRLEAD_UPDATE_EXPECTED");
        }

        Assert.Equal(document[start..], table.ToString());
    }

    /// <summary>One case, and what must hold for all of them.</summary>
    private static async Task<string> OutcomeAsync(GatewayHost host, string protocol, string model, bool stream, Company company, string whole, Fault fault)
    {
        var what = fault.What;
        var body = ChatClient.Body(stream: stream, model: model);
        if (company == Company.NextModel)
            body["models"] = new JsonArray(protocol + "/healthy");
        var watch = Stopwatch.StartNew();
        var reply = await host.ChatAsync(body).WaitAsync(Longest);
        Assert.True(watch.Elapsed < Longest, $"{model}, {what}: {watch.Elapsed}");
        var record = await host.GenerationAsync(reply.GenerationId);
        var attempts = record["provider_responses"]!.AsArray();
        var mine = attempts.Count(attempt => !((string)attempt!["provider_name"]!).StartsWith("second", StringComparison.Ordinal));
        Assert.True(mine <= 2 && attempts.Count <= 3, $"{model}, {what}: {attempts.ToJsonString()}");
        var cost = (decimal)record["total_cost"]!;

        if (reply.Status != 200)
        {
            Assert.True(cost == 0 && reply.ErrorType is not null, $"{model}, {what}: {reply.Text}");
            return $"{reply.Status} `{reply.ErrorType}`{Times(attempts.Count)}";
        }

        var broken = stream && reply.Events[^1]["error"] is not null;
        if (broken)
        {
            Assert.True(cost == 0 && reply.Usage is null && reply.Finish == "error" && whole.StartsWith(reply.Content, StringComparison.Ordinal), $"{model}, {what}: {reply.Text}");
            Assert.Single(attempts);
            return "ends with an error chunk, free";
        }

        // What looks whole is whole, and paid as shown.
        var served = (string)record["provider_name"]! == "second";
        Assert.True(reply.Content == (served ? whole : fault.Says ?? whole) && reply.Finish == "stop" && (!stream || reply.Done), $"{model}, {what} looks complete: {reply.Text}");
        Assert.True(cost > 0 && cost == reply.Cost, $"{model}, {what}: charged {cost}, shown {reply.Usage}");
        return served ? company == Company.NextModel ? $"the next model answers{Before(mine)}" : $"the other answers{Before(mine)}" : $"answers whole{Times(attempts.Count)}";
    }

    private static string Times(int attempts) => attempts == 1 ? "" : $", {attempts} attempts";

    private static string Before(int attempts) => attempts == 1 ? "" : $", after {attempts} attempts";

    private static string Cell(Func<bool, Func<string, string>> outcome)
    {
        var (streamed, not) = (ByDialect(outcome(true)), ByDialect(outcome(false)));
        return streamed == not ? streamed : $"streamed: {streamed}; not: {not}";
    }

    /// <summary>One outcome for all dialects, or the one of most and the others by name.</summary>
    private static string ByDialect(Func<string, string> outcome)
    {
        var groups = FaultTable.Protocols.GroupBy(outcome, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ToArray();
        return groups[0].Key + string.Concat(groups.Skip(1).Select(group => $" ({string.Join(", ", group)}: {group.Key})"));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
