import { BillingBudget } from '@cdktf/provider-google/lib/billing-budget';
import { Construct } from 'constructs';

/** Properties of `Budget`. */
export interface BudgetProps {
  /** Display name of the budget. */
  readonly name: string;
  /** Id of the billing account, and the ISO 4217 code of its currency. */
  readonly billing: { readonly account: string; readonly currency: string };
  /** Amount for a month, in whole units of the currency. */
  readonly monthly: number;
  /** Number of the Google project. */
  readonly projectNumber: string;
  /** Value of the label `environment`. Only costs with this label count, since environments may share a project. */
  readonly environment: string;
  /** Full name of the notification channel: `projects/PROJECT/notificationChannels/ID`. */
  readonly channel: string;
}

/**
 * A monthly budget for an environment, which sends notifications and stops nothing.
 *
 * Creates a budget with notifications at 50 % and 90 % of the actual and 100 % of the forecasted cost
 * (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/billing_budget). It does not include NAT and network traffic, which have no labels.
 *
 * @example
 * new Budget(this, 'budget', {
 *   name: 'threads-prod',
 *   billing: { account: '012345-6789AB-CDEF01', currency: 'USD' },
 *   monthly: 50,
 *   projectNumber: '123456789012',
 *   environment: 'prod',
 *   channel: 'projects/acme-project/notificationChannels/1234567890',
 * });
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    new BillingBudget(this, 'budget', {
      billingAccount: props.billing.account,
      displayName: props.name,
      amount: { specifiedAmount: { currencyCode: props.billing.currency, units: String(props.monthly) } },
      budgetFilter: {
        projects: [`projects/${props.projectNumber}`],
        labels: { environment: props.environment },
        calendarPeriod: 'MONTH',
      },
      thresholdRules: [
        { thresholdPercent: 0.5 },
        { thresholdPercent: 0.9 },
        { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
      ],
      allUpdatesRule: { monitoringNotificationChannels: [props.channel] },
    });
  }
}
