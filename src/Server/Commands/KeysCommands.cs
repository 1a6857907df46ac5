using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Fairlead.Accounts.Limits;
using Fairlead.Server.Control;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead keys create|list|disable</c>.</summary>
internal static class KeysCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var keys = new Command("keys", "API keys of the first account.");
        keys.Add(Create(common));
        keys.Add(List(common));
        keys.Add(Disable(common));
        root.Add(keys);
    }

    private static Command Create(CommonOptions common)
    {
        var name = new Option<string>("--name") { Description = "What the key is called in lists.", HelpName = "N", Required = true };
        name.Validators.Add(option =>
        {
            if (option.Tokens.Count == 1 && option.Tokens[0].Value.Trim().Length is 0 or > 200)
                option.AddError("--name takes 1 to 200 characters.");
        });
        var limit = UsdOption("--limit", "Most US dollars the key may spend. Default: no limit.", lowest: 0m);
        var reset = new Option<string?>("--reset")
        {
            Description = "When the limit starts anew, at 00:00 UTC. Default: never.", HelpName = "daily|weekly|monthly",
        };
        reset.AcceptOnlyFromAmong("daily", "weekly", "monthly");
        var rpm = LimitOption<int>("--rpm", "Most requests in any 60 seconds. Default: no limit.", RateLimits.MostRpm);
        var tpm = LimitOption<long>("--tpm", "Most tokens of the requests begun in any 60 seconds. Default: no limit.", RateLimits.MostTpm);
        var concurrency = LimitOption<int>("--concurrency", "Most requests open at once. Default: no limit.", RateLimits.MostConcurrency);
        var provisioning = new Option<bool>("--provisioning") { Description = "A key that manages keys and does no inference." };

        var create = new Command("create", "Makes a key and prints it, this once.") { name, limit, reset, rpm, tpm, concurrency, provisioning };
        create.Validators.Add(command =>
        {
            if (command.GetResult(reset) is not null && command.GetResult(limit) is null)
                command.AddError("--reset needs --limit.");
            if (command.GetResult(provisioning) is not null && (command.GetResult(rpm) ?? command.GetResult(tpm) ?? command.GetResult(concurrency)) is not null)
                command.AddError("--rpm, --tpm and --concurrency are for keys that do inference; leave --provisioning out.");
        });
        create.SetAction((line, cancellationToken) => AdminInvocation.RunAsync(
            common.Read(line),
            new CreateKey(
                line.GetRequiredValue(name).Trim(), line.GetValue(limit), line.GetValue(reset), line.GetValue(provisioning),
                line.GetValue(rpm), line.GetValue(tpm), line.GetValue(concurrency)),
            line,
            cancellationToken));
        return create;
    }

    private static Command List(CommonOptions common)
    {
        var list = new Command("list", "Lists keys: hash, name, limit, usage, state. Never the keys themselves.");
        list.SetAction((line, cancellationToken) => AdminInvocation.RunAsync(common.Read(line), new ListKeys(), line, cancellationToken));
        return list;
    }

    private static Command Disable(CommonOptions common)
    {
        var hash = new Argument<string>("HASH") { Description = "The key's hash, or enough of its beginning to be the only one (8 digits at least)." };
        hash.Validators.Add(argument =>
        {
            if (argument.Tokens.Count == 1 && (argument.Tokens[0].Value.Length is < 8 or > 64 || !argument.Tokens[0].Value.All(char.IsAsciiHexDigit)))
                argument.AddError("HASH takes 8 to 64 hexadecimal digits; \"fairlead keys list\" shows them.");
        });
        var disable = new Command("disable", "Switches a key off: it is refused within a second.") { hash };
        disable.SetAction((line, cancellationToken) =>
            AdminInvocation.RunAsync(common.Read(line), new DisableKey(line.GetRequiredValue(hash).ToLowerInvariant()), line, cancellationToken));
        return disable;
    }

    private static Option<T?> LimitOption<T>(string name, string description, T most)
        where T : struct, IBinaryInteger<T>
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = argument =>
            {
                if (T.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= T.One && number <= most)
                    return number;
                argument.AddError($"{name} takes a whole number from 1 to {most}.");
                return null;
            },
        };
        return option;
    }

    /// <summary>An option that takes an exact amount of US dollars.</summary>
    public static Option<decimal?> UsdOption(string name, string description, decimal lowest, bool zero = true)
    {
        var option = new Option<decimal?>(name)
        {
            Description = description,
            HelpName = "USD",
            CustomParser = argument =>
            {
                var text = argument.Tokens[0].Value;
                if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
                    && amount >= lowest && amount <= 9_000_000m && decimal.Round(amount, 12) == amount && (zero || amount != 0))
                    return amount;
                argument.AddError($"{name} takes US dollars as a plain number with at most twelve decimals, up to 9000000{(zero ? "" : ", not zero")}.");
                return null;
            },
        };
        return option;
    }
}
