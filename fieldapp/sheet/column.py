"""The tables of each kind: which columns there are, what offices call them, and what identifies a row. One source of import and export.

Headings of screens and of files are the labels of the catalogue in either language; `called` are other words for the same.
"""

from dataclasses import dataclass
from typing import Literal

from fieldapp.domain.body import Body
from fieldapp.domain.project import ClaimBody, LinkBody, MilestoneBody, ProgressReportBody, ProjectBody
from fieldapp.domain.unit import LeadershipBody, OfficialBody, PersonBody, TeamBody, TenureBody, UnitBody

Sort = Literal[
    "text",
    "code",
    "day",
    "month",
    "percent",
    "amount",
    "quantity",
    "whole",
    "degree",
    "flag",
    "choice",
    "ref",
    "refs",
    "months",
    "members",
    "places",
]


@dataclass(frozen=True)
class Column:
    """One column. `name` is the member it fills, by path; `of` the kind a reference, or a code, names; `is_extra`: not in our own files."""

    name: str
    sort: Sort = "text"
    called: tuple[str, ...] = ()
    of: str = ""
    is_extra: bool = False


@dataclass(frozen=True)
class Table:
    """One table. `key` are the columns that say which row is meant; of each group of `needed`, one has to be there."""

    name: str
    body: type[Body]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(one for one in self.columns if one.name == name)


CODE = Column("code", "code", ("编号", "编码", "序列号", "代码"))
NAME_EN = Column("name_en")
FROM = Column("from_on", "day", ("开始日期", "起始时间", "任职时间", "起始日期", "自"))
TO = Column("to_on", "day", ("结束日期", "截止时间", "免职时间", "终止日期", "至"))
PROJECT = Column(
    "project",
    "ref",
    ("项目名称", "项目编号", "项目代号", "项目编码", "重点项目", "工程名称", "project name", "project code"),
    of="project",
)
OFFICIAL = Column(
    "official",
    "ref",
    ("姓名", "干部姓名", "责任领导", "挂钩领导", "责任人", "name of official"),
    of="official",
)
UNIT = Column(
    "unit",
    "ref",
    ("责任单位", "牵头单位", "单位名称", "项目单位", "所在单位", "建设单位", "lead unit"),
    of="unit",
)

TABLES: dict[str, Table] = {
    one.name: one
    for one in (
        Table(
            "progress_report",
            ProgressReportBody,
            (
                PROJECT,
                Column("month", "month", ("填报月份", "所属月份", "统计月份", "期别")),
                Column("reported_on", "day", ("填报日期", "报送日期", "报送时间", "填报时间")),
                Column(
                    "reported_permille",
                    "percent",
                    (
                        "上报进度",
                        "累计进度",
                        "完成进度",
                        "工程进度",
                        "总体进度",
                        "累计完成率",
                        "完成率",
                        "累计完成比例",
                        "进度",
                        "reported progress",
                    ),
                ),
                Column(
                    "spent_wan",
                    "amount",
                    ("已支出", "累计完成投资", "年度完成投资", "本年完成投资", "完成投资", "累计支付", "已完成投资", "spent"),
                ),
                Column("physical", "text", ("工程形象进度", "形象进度说明", "进展情况", "当前进展", "工作进展", "目前形象进度")),
                Column("milestone", "text", ("节点", "节点名称", "关键节点", "重要节点"), is_extra=True),
                Column(
                    "milestone_reported_on",
                    "day",
                    ("节点完成时间", "节点完成日期", "节点实际完成时间", "实际完成时间", "实际完成日期", "节点上报日期"),
                    is_extra=True,
                ),
            ),
            ("project", "month"),
            (("project",), ("month",)),
        ),
        Table(
            "project",
            ProjectBody,
            (
                Column("code", "code", ("编号", "编码", "代码", "项目编号", "项目代号", "项目编码")),
                Column("name", "text", ("项目名称", "工程名称", "项目")),
                NAME_EN,
                Column("type", "code", ("项目类型", "类别", "项目类别"), of="project_type"),
                Column("front", "choice", ("领域",)),
                UNIT,
                Column("team", "ref", ("走访组", "联系组", "考察组"), of="team"),
                Column("district", "text", ("县区", "所在县区", "属地", "所在地", "县(市、区)")),
                Column("district_en"),
                Column("level", "choice", ("级别", "项目级别", "项目层级")),
                Column("start_on", "day", ("开工日期", "开工时间", "计划开工时间", "计划开工日期", "开工")),
                Column("end_on", "day", ("完工日期", "竣工时间", "计划竣工时间", "计划完工时间", "计划竣工日期", "竣工")),
                Column("investment_wan", "amount", ("总投资", "项目总投资", "投资总额", "计划总投资")),
                Column("year_plan_wan", "amount", ("年度计划投资", "本年计划投资", "年度投资计划", "年度计划")),
                Column("quantity", "quantity", ("建设规模", "工程量", "规模")),
                Column("measure"),
                Column("measure_en"),
                Column("state", "choice", ("状态", "项目状态", "建设状态", "项目阶段", "建设阶段")),
                Column("state_reason", "text", ("停工原因", "缓建原因")),
                Column("state_reason_en"),
                Column("site.lat_e7", "degree", ("纬度", "北纬", "lat", "latitude")),
                Column("site.lon_e7", "degree", ("经度", "东经", "lon", "lng", "longitude")),
                Column("site.radius_m", "whole", ("半径", "范围半径")),
                Column("site.shape", "choice", ("形状",)),
                Column("site.places", "places", ("点位", "地点")),
                Column("support", "refs", ("要素保障单位", "配合单位", "服务部门"), of="unit"),
                Column("contractor", "text", ("施工方", "承建单位")),
                Column("contractor_en"),
                Column("supervision", "text", ("监理方",)),
                Column("supervision_en"),
                Column("coverage.per_month", "whole", ("每月次数", "每月走访")),
                Column("coverage.days_before_milestone", "whole"),
                Column("coverage.days_after_milestone", "whole"),
                Column("coverage.suspended_months", "months"),
            ),
            ("code",),
            (("code", "name"),),
        ),
        Table(
            "milestone",
            MilestoneBody,
            (
                PROJECT,
                Column("name", "text", ("节点", "节点名称", "关键节点", "重要节点")),
                NAME_EN,
                Column("planned_on", "day", ("计划时间", "计划完成时间", "计划完成日期", "时限", "完成时限", "计划节点时间")),
                Column("reported_on", "day", ("实际完成时间", "实际完成日期", "完成时间", "上报完成时间")),
                Column("planned_quantity", "quantity"),
                Column("reported_quantity", "quantity", ("完成数量",)),
                Column("key_part"),
                Column("key_part_en"),
                Column("proof", "text", ("佐证", "佐证材料")),
                Column("proof_en"),
            ),
            ("project", "name"),
            (("project",), ("name",)),
        ),
        Table(
            "plan",
            ProjectBody,
            (
                PROJECT,
                Column("on", "day", ("日期", "截止日期", "时间", "day", "date")),
                Column("due_permille", "percent", ("序时进度", "计划进度", "应完成进度", "累计计划进度", "due")),
            ),
            ("project",),
            (("project",), ("on",), ("due_permille",)),
        ),
        Table(
            "unit",
            UnitBody,
            (
                CODE,
                Column("name", "text", ("单位", "单位名称")),
                NAME_EN,
                Column("sort", "choice", ("单位性质", "类别")),
                Column("district", "text", ("县区", "所在县区")),
                Column("is_lead", "flag", ("是否牵头单位", "牵头")),
                Column("peer_group", "text", ("比较组", "分组")),
                Column("peer_group_en"),
            ),
            ("code",),
            (("code", "name"),),
        ),
        Table("official", OfficialBody, (CODE, Column("name", "text", ("姓名", "干部姓名")), NAME_EN), ("code",), (("code", "name"),)),
        Table(
            "tenure",
            TenureBody,
            (OFFICIAL, UNIT, Column("post", "text", ("现任职务", "任职")), Column("post_en"), FROM, TO),
            ("official", "unit", "post", "from_on"),
            (("official",), ("post",), ("from_on",)),
        ),
        Table(
            "link",
            LinkBody,
            (
                PROJECT,
                OFFICIAL,
                UNIT,
                Column("role", "choice", ("挂钩关系", "角色", "责任类型")),
                FROM,
                TO,
                Column("inherits_from", "ref", ("前任",), of="official"),
            ),
            ("project", "role", "official", "unit", "from_on"),
            (("project",), ("role",), ("official", "unit"), ("from_on",)),
        ),
        Table(
            "leadership",
            LeadershipBody,
            (
                UNIT,
                Column("name", "text", ("班子", "班子名称", "届次")),
                NAME_EN,
                Column("head", "ref", ("主要负责人", "班长"), of="official"),
                FROM,
                TO,
            ),
            ("unit", "from_on"),
            (("unit",), ("from_on",)),
        ),
        Table(
            "team",
            TeamBody,
            (
                CODE,
                Column("name", "text", ("走访组", "组别", "组名")),
                NAME_EN,
                Column("members", "members", ("组员", "人员")),
                Column("units", "refs", ("负责单位", "联系县区"), of="unit"),
            ),
            ("code",),
            (("code", "name"),),
        ),
        Table(
            "claim",
            ClaimBody,
            (
                PROJECT,
                UNIT,
                Column("origin", "choice"),
                Column("list", "choice", ("清单", "清单类别", "所属清单")),
                Column("what", "text", ("事项", "上报事项", "事项内容", "具体内容")),
                Column("what_en"),
                Column("figure", "text", ("指标值", "完成值", "数值")),
                Column("claimed_by", "text", ("上报单位", "上报人", "填报单位")),
                Column("claimed_on", "day", ("填报日期", "上报时间")),
            ),
            ("project", "unit", "what", "claimed_on"),
            (("project", "unit"), ("what",), ("claimed_on",)),
        ),
        Table(
            "person",
            PersonBody,
            (
                Column("person", "code", ("人员代号", "用户代号", "代号")),
                Column("name", "text", ("姓名",)),
                NAME_EN,
                Column("role", "choice", ("角色",)),
                Column("post"),
                Column("post_en"),
                Column("home_unit", "ref", ("派出单位",), of="unit"),
                Column("home", "text"),
                Column("home_en"),
            ),
            ("person",),
            (("person",),),
        ),
    )
}  # fmt: skip
